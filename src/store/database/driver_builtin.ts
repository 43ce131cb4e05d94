import { backup, DatabaseSync } from "node:sqlite";
import type { Database, SqlValue, Statement } from "./database.ts";

/** In one step: between two, SQLite begins anew whenever another connection wrote meanwhile. */
const ALL_PAGES = 2 ** 31 - 1;

/** Opens `path` with the SQLite that is built into the runtime. */
export function openBuiltin(path: string): Database {
  const builtin = new DatabaseSync(path);
  const statements = new Map<string, Statement>();
  let lastInsertId = 0;
  return {
    driver: `node:sqlite, SQLite ${sqliteVersion()}`,
    exec: (sql) => builtin.exec(sql),
    prepare(sql) {
      let statement = statements.get(sql);
      if (statement === undefined) {
        const inner = builtin.prepare(sql);
        statement = {
          run(...values: SqlValue[]) {
            const result = inner.run(...values);
            lastInsertId = Number(result.lastInsertRowid);
            return Number(result.changes);
          },
          get: <Row>(...values: SqlValue[]) => inner.get(...values) as Row | undefined,
          all: <Row>(...values: SqlValue[]) => inner.all(...values) as Row[],
        };
        statements.set(sql, statement);
      }
      return statement;
    },
    lastInsertId: () => lastInsertId,
    // Not VACUUM INTO: the runtime forbids it to a program without all permissions.
    backup: async (target) => void await backup(builtin, target, { rate: ALL_PAGES }),
    close() {
      statements.clear();
      builtin.close();
    },
  };
}

/** Asked of a database in memory: the file may be locked at this moment. */
function sqliteVersion(): string {
  using memory = new DatabaseSync(":memory:");
  const row = memory.prepare("SELECT sqlite_version() AS version").get();
  return (row as { version: string }).version;
}
