import type { Database as NativeDatabase, Statement as NativeStatement } from "@db/sqlite";
import type { Database, SqlValue, Statement } from "./database.ts";

/**
 * Loads `@db/sqlite`, once for the process: a second path changes nothing.
 * @param library Path of an SQLite library; default: what `DENO_SQLITE_PATH` names
 * @returns what opens a file with it
 * @throws when the package or its library cannot be loaded
 */
export async function loadNative(library?: string): Promise<(path: string) => Database> {
  // The package takes the path from here and nowhere else.
  if (library !== undefined) Deno.env.set("DENO_SQLITE_PATH", library);
  const native = await import("@db/sqlite");
  return (path) => openNative(native, path);
}

function openNative({ Database: Native }: typeof import("@db/sqlite"), path: string): Database {
  const native: NativeDatabase = new Native(path, {
    // Without it the driver cuts integers to 32 bits, and every time stamp is longer.
    int64: true,
    // With it, what an SQL function made as JSON comes parsed: no other driver does that.
    parseJson: false,
  });
  // Of a database in memory: the file may be locked at this moment.
  const memory: NativeDatabase = new Native(":memory:");
  const row = memory.prepare("SELECT sqlite_version() AS version").get();
  const { version } = row as { version: string };
  memory.close();
  const statements = new Map<string, Statement>();
  return {
    driver: `@db/sqlite, SQLite ${version}`,
    exec: (sql) => void native.exec(sql),
    prepare(sql) {
      let statement = statements.get(sql);
      if (statement === undefined) {
        const inner: NativeStatement = native.prepare(sql);
        statement = {
          run: (...values: SqlValue[]) => inner.run(...values),
          // The driver hands out one row object again and again for a statement without values.
          get<Row>(...values: SqlValue[]) {
            const row = inner.get(...values);
            return row === undefined ? undefined : { ...row } as Row;
          },
          all: <Row>(...values: SqlValue[]) => inner.all(...values) as Row[],
        };
        statements.set(sql, statement);
      }
      return statement;
    },
    lastInsertId: () => native.lastInsertRowId,
    // deno-lint-ignore require-await -- a promise because the other driver needs time for it
    async backup(target) {
      native.exec(`VACUUM INTO '${target.replaceAll("'", "''")}'`);
    },
    // It finalizes the statements too; to do so here would throw the last error of each again.
    close: () => native.close(),
  };
}
