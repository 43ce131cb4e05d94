const FIRST = (
  "amber autumn azure bold brave brief bright brisk calm clear clever cobalt cool copper coral " +
  "crimson crisp curly damp deep dusty early even fair fresh frosty gentle golden grand green " +
  "happy hollow humble ivory jolly keen kind late little lively lucky mellow mild misty narrow " +
  "neat noble olive pale plain polite proud quick quiet rapid red rosy round royal ruby silent " +
  "silver slow smooth"
).split(" ");

const SECOND = (
  "acorn anchor badger barrel basin beacon birch bridge brook candle canyon castle cedar cliff " +
  "cloud clover comet creek delta eagle ember falcon feather fern field finch forest garden " +
  "glacier grove harbor hazel heron hill island jasper kettle lagoon lantern lark maple marble " +
  "meadow mill moon otter owl pebble pine pond prairie quarry raven reef ridge river robin saddle " +
  "sparrow stone thicket thistle valley"
).split(" ");

/** Two independent 32-bit sums of a text (FNV-1a, then a murmur finish). */
function sums(text: string): [number, number] {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(i), 0x85ebca6b);
  }
  const mixed = [a, b].map((n) => Math.imul(n ^ (n >>> 15), 0xc2b2ae35));
  return [(mixed[0]! ^ (mixed[0]! >>> 13)) >>> 0, (mixed[1]! ^ (mixed[1]! >>> 13)) >>> 0];
}

function wordsFor(component: string, salt: string): string {
  const [a, b] = sums(`${salt}\0${component}`);
  const first = FIRST[a % FIRST.length]!;
  const second = SECOND[b % SECOND.length]!;
  return `${first}-${second}-${(a ^ (b >>> 7)) & 0xfff}`;
}

/**
 * A function that puts words in the place of each folder and file name of a
 * path: the same name gives the same words, so that a log that was shared still
 * shows what belongs together. Separators, `.`, `..`, a drive letter and the
 * extension (up to 8 letters) stay. Not proof against someone who knows the
 * salt and guesses names.
 * @param salt Any text that is stable for this installation and not public
 */
export function createObfuscator(salt: string): (path: string) => string {
  return (path) => {
    const parts = path.split(/([\\/]+)/);
    const lastIndex = parts.length - 1;
    return parts.map((part, index) => {
      if (part === "" || /^[\\/]+$/.test(part) || part === "." || part === "..") return part;
      if (index === 0 && /^[A-Za-z]:$/.test(part)) return part;
      const extension = index === lastIndex ? /\.[A-Za-z0-9]{1,8}$/.exec(part)?.[0] ?? "" : "";
      // A dot file is all name: no extension to keep.
      const kept = extension === part ? "" : extension;
      return wordsFor(part.slice(0, part.length - kept.length), salt) + kept;
    }).join("");
  };
}
