import type { Installation } from "../installation.ts";

/**
 * Another text whenever anything in the database was changed, by this process or by another one.
 * Asked every second while a page is open, so it reads nothing of the tables.
 */
export function changeMark({ store: { database } }: Pick<Installation, "store">): string {
  const { own } = database.prepare("SELECT total_changes() AS own").get<{ own: number }>()!;
  const { data_version } = database.prepare("PRAGMA data_version")
    .get<{ data_version: number }>()!;
  return `${own} ${data_version}`;
}
