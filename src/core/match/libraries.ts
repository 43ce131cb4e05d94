/** A library, as far as its choice goes. */
interface Named {
  id: string;
  title: string;
}

export type Choice<T> =
  | { kind: "chosen"; libraries: readonly T[] }
  /** No library has this name or key. */
  | { kind: "missing"; name: string }
  /** Several are called so. */
  | { kind: "ambiguous"; name: string; libraries: readonly T[] };

/**
 * The libraries that are meant by names: each by its exact title, else by its key, else by its
 * title without letter case and blanks at its edges. `all`, where no library is called so, and no
 * name at all are all of them.
 */
export function chooseLibraries<T extends Named>(
  all: readonly T[],
  names: readonly string[],
): Choice<T> {
  const chosen = new Set<T>();
  for (const name of names) {
    const found = called(all, name);
    if (found.length > 1) return { kind: "ambiguous", name, libraries: found };
    if (found.length === 1) chosen.add(found[0]!);
    else if (name.toLowerCase() === "all") return { kind: "chosen", libraries: all };
    else return { kind: "missing", name };
  }
  return { kind: "chosen", libraries: names.length === 0 ? all : [...chosen] };
}

function called<T extends Named>(all: readonly T[], name: string): T[] {
  const ways: ((library: T) => boolean)[] = [
    ({ title }) => title === name,
    ({ id }) => id === name,
    ({ title }) => title.trim() === name.trim(),
    ({ title }) => title.trim().toLowerCase() === name.trim().toLowerCase(),
  ];
  return ways.map((isMeant) => all.filter(isMeant)).find((found) => found.length > 0) ?? [];
}

/** Titles in quotes, as they are: blanks at their edges show. Those of one title have their keys. */
export function titlesText(libraries: readonly Named[]): string {
  return libraries.map(({ id, title }) => {
    const isAlone = libraries.filter((each) => each.title === title).length === 1;
    return `"${title}"${isAlone ? "" : ` (key ${id})`}`;
  }).join(", ") || "none";
}

/** Whether the title begins or ends with blanks, which nobody sees. */
export function hasBlankEdge({ title }: Named): boolean {
  return title !== title.trim();
}
