/** The one target that most tests have. Its key is named here alone. */
import { DEFAULT_TARGET } from "../src/app/targets.ts";

export const TARGET = DEFAULT_TARGET;
export const TARGETS: readonly string[] = [TARGET];
