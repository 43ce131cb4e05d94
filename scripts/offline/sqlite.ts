/**
 * Stand-in for `@db/sqlite`, which nothing can stand in for: importing it fails, and the store then
 * takes the SQLite that is built into Deno. It has types only, for the API that the store uses.
 */

type Value = number | string | bigint | boolean | null | undefined | Date | Uint8Array;
type Parameters = Value[] | [Record<string, Value>];

export interface Statement {
  run(...params: Parameters): number;
  get(...params: Parameters): Record<string, unknown> | undefined;
  all(...params: Parameters): Record<string, unknown>[];
  finalize(): void;
}

export declare class Database {
  constructor(path: string, options?: {
    readonly?: boolean;
    create?: boolean;
    int64?: boolean;
    parseJson?: boolean;
  });
  readonly open: boolean;
  readonly changes: number;
  readonly lastInsertRowId: number;
  readonly inTransaction: boolean;
  exec(sql: string): number;
  prepare(sql: string): Statement;
  close(): void;
}

throw new Error("@db/sqlite is not among the offline stand-ins: use node:sqlite");
