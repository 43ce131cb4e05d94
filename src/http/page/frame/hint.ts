/** The hint of an error as it reads on the page: buttons beside it do what it names commands for. */
export function hintHere(hint: string): string {
  return hint.replace(/, then run: plexsync dead retry ID$/, ", then retry")
    .replace(/: plexsync match pin SCENE ITEM$/, "")
    .replace("plexsync dead show ID prints its stack trace", "the dead letter has its stack trace");
}
