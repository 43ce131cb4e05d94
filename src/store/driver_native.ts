import type { Database as NativeDatabase, Statement as NativeStatement } from "@db/sqlite";
import type { Database, SqlValue, Statement } from "./database.ts";

/**
 * Opens `path` with `@db/sqlite`.
 * @throws when the package or its native library cannot be loaded
 */
export async function openNative(path: string): Promise<Database> {
  const { Database: Native } = await import("@db/sqlite");
  // Without int64 the driver cuts integers to 32 bits, and every time stamp is longer.
  const native: NativeDatabase = new Native(path, { int64: true });
  const row = native.prepare("SELECT sqlite_version() AS version").get();
  const { version } = row as { version: string };
  const statements = new Map<string, Statement>();
  const prepared: NativeStatement[] = [];
  return {
    driver: `@db/sqlite, SQLite ${version}`,
    exec: (sql) => void native.exec(sql),
    prepare(sql) {
      let statement = statements.get(sql);
      if (statement === undefined) {
        const inner = native.prepare(sql);
        prepared.push(inner);
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
    close() {
      for (const statement of prepared) statement.finalize();
      native.close();
    },
  };
}
