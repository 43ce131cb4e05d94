import type { FC } from "hono/jsx";

/** A column: its name, or what is said of it besides. */
type Column = string | { name: string; isNumber?: boolean; isUnseen?: boolean };

/** That of buttons: they say themselves what they do, and only who hears the table needs a name. */
export const ACTIONS: Column = { name: "Actions", isUnseen: true };

/** The names of a table's columns. */
export const Head: FC<{ columns: readonly Column[] }> = ({ columns }) => (
  <thead>
    <tr>
      {columns.map((column) => {
        const { name, isNumber = false, isUnseen = false } = typeof column === "string"
          ? { name: column }
          : column;
        return (
          <th scope="col" class={isNumber ? "number" : undefined}>
            {isUnseen ? <span class="unseen">{name}</span> : name}
          </th>
        );
      })}
    </tr>
  </thead>
);
