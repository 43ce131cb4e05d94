import { proveRoutes } from "./route_faults.ts";

proveRoutes("stash");
