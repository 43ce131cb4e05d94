import type { Database, Statement } from "../../src/store/database/database.ts";

/**
 * `inner`, which kills this process before its statement `n`, counted from 1. A script counts
 * statement by statement, a backup as one.
 */
export function killing(inner: Database, n: number): Database {
  let left = n;
  const count = () => {
    if (--left === 0) Deno.kill(Deno.pid, "SIGKILL");
  };
  const counted = (statement: Statement): Statement => ({
    run: (...values) => (count(), statement.run(...values)),
    get: (...values) => (count(), statement.get(...values)),
    all: (...values) => (count(), statement.all(...values)),
  });
  return {
    driver: inner.driver,
    exec(sql) {
      for (const part of statementsOf(sql)) {
        count();
        inner.exec(part);
      }
    },
    prepare: (sql) => counted(inner.prepare(sql)),
    lastInsertId: () => inner.lastInsertId(),
    backup: (target) => (count(), inner.backup(target)),
    close: () => inner.close(),
  };
}

/**
 * The statements of a script, a trigger whole. Good enough for the schema: no text in it holds a
 * semicolon.
 */
export function statementsOf(sql: string): string[] {
  const parts = sql.match(/(?:\s|--.*\n)*CREATE TRIGGER[^]*?\bEND;|[^;]+/g) ?? [];
  return parts.filter((part) => part.trim() !== "");
}
