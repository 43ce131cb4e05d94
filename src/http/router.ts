import { COMMAND_PATH } from "../app/connections/service_socket.ts";

/** What can be asked. */
export type Route =
  | "hook"
  | "sync"
  | "command"
  | "live"
  | "ready"
  | "status"
  | "stats"
  | "metrics";

export interface Endpoint {
  path: string;
  route: Route;
  /** It changes something, so it needs the token. */
  changes: boolean;
  /** It tells paths and errors, which on an open network are nobody else's business. */
  private: boolean;
  /** Only on the service's own socket. */
  local?: boolean;
}

/** All endpoints; those that change something are called by POST, the others by GET or HEAD. */
export const ENDPOINTS: readonly Endpoint[] = [
  { path: "/api/hook", route: "hook", changes: true, private: true },
  { path: "/api/sync", route: "sync", changes: true, private: true },
  { path: COMMAND_PATH, route: "command", changes: true, private: true, local: true },
  { path: "/api/status", route: "status", changes: false, private: true },
  { path: "/api/stats", route: "stats", changes: false, private: true },
  { path: "/metrics", route: "metrics", changes: false, private: false },
  { path: "/health/live", route: "live", changes: false, private: false },
  { path: "/health/ready", route: "ready", changes: false, private: false },
];

export type Found =
  | { kind: "endpoint"; endpoint: Endpoint }
  | { kind: "no such path" }
  | { kind: "wrong method"; allow: string };

/**
 * What a request is for.
 * @param isLocal It came in by the service's own socket
 */
export function routeOf(method: string, path: string, isLocal = false): Found {
  const endpoint = ENDPOINTS.find((each) => each.path === path && (isLocal || !each.local));
  if (endpoint === undefined) return { kind: "no such path" };
  const allowed = endpoint.changes ? ["POST"] : ["GET", "HEAD"];
  if (!allowed.includes(method)) return { kind: "wrong method", allow: allowed.join(", ") };
  return { kind: "endpoint", endpoint };
}
