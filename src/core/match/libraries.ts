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
 * @param absent Libraries that were there and are not in `all`: whether they are gone is not known,
 *   so they are chosen too, and stand in the way of none that took over their name
 */
export function chooseLibraries<T extends Named>(
  all: readonly T[],
  names: readonly string[],
  absent: readonly T[] = [],
): Choice<T> {
  const chosen = new Set<T>();
  const every = [...all, ...absent];
  for (const name of names) {
    const found = called(every, name);
    const there = found.filter((library) => all.includes(library));
    if (there.length > 1) return { kind: "ambiguous", name, libraries: there };
    for (const library of found) chosen.add(library);
    if (found.length > 0) continue;
    if (name.toLowerCase() === "all") return { kind: "chosen", libraries: every };
    return { kind: "missing", name };
  }
  return { kind: "chosen", libraries: names.length === 0 ? every : [...chosen] };
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
