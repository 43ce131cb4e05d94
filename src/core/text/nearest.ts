/** Edits (insert, delete, replace, swap neighbours) that turn `a` into `b`. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforeLast[j - 2]! + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/** `Plex-URL` and `plex_url` differ in habit, not in meaning. */
function plain(word: string): string {
  return word.toLowerCase().replaceAll("-", "_");
}

/** Whether one name is the other with whole words left out: `token` of `plex_token`. */
function isPartOf(a: string, b: string): boolean {
  return `_${b}_`.includes(`_${a}_`) || `_${a}_`.includes(`_${b}_`);
}

/**
 * The candidate that a mistyped `word` most likely meant; of equals the first.
 * Letter case and `-` for `_` count as no difference, left-out words as one.
 * @param maxDistance Edits beyond which nothing is near; default: no limit
 * @returns `undefined` when there is no candidate within the limit
 */
export function nearest(
  word: string,
  candidates: readonly string[],
  maxDistance = Infinity,
): string | undefined {
  // A name is short; what is longer is no typing mistake and not worth the quadratic work.
  const wanted = plain(word.slice(0, 64));
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const name = plain(candidate);
    const edits = distance(wanted, name);
    const d = wanted !== "" && isPartOf(wanted, name) ? Math.min(1, edits) : edits;
    if (d <= maxDistance && d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  return best;
}

/**
 * The candidate that a mistyped `word` is near to: one edit for each three letters, or the one that
 * begins with it.
 * @returns `undefined` when none is, or several begin with it
 */
export function near(word: string, candidates: readonly string[]): string | undefined {
  const found = nearest(word, candidates, Math.max(1, Math.floor(word.length / 3)));
  if (found !== undefined || word.length < 2) return found;
  const begun = candidates.filter((candidate) => plain(candidate).startsWith(plain(word)));
  return begun.length === 1 ? begun[0] : undefined;
}
