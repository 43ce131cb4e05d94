import type { Licence } from "../../app/install/executable.ts";

/** All licences for people to read: a list, then the texts, each once, under what it covers. */
export function licencesText(licences: readonly Licence[]): string {
  const width = Math.max(...licences.map((part) => titleOf(part).length));
  const list = licences.map((part) => `${titleOf(part).padEnd(width)}  ${part.licence}\n`).join("");
  const byText = Map.groupBy(licences, ({ text }) => text);
  const texts = [...byText].map(([text, parts]) =>
    `\n== ${parts.map(titleOf).join(", ")}\n\n${text}\n`
  );
  return list + texts.join("");
}

function titleOf({ name, version }: Licence): string {
  return version === null ? name : `${name} ${version}`;
}
