/** Deep equality as `@std/assert` has it, for `assert.ts`. */

/**
 * Whether two values are deeply equal. `0` equals `-0`, `NaN` equals itself, and an object without
 * a prototype (a row of `node:sqlite`) equals a plain one with the same keys; a key that holds
 * `undefined` is not the same as no key.
 */
export function equal(a: unknown, b: unknown): boolean {
  return compare(a, b, new Map());
}

type Seen = Map<object, object>;

function compare(a: unknown, b: unknown, seen: Seen): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b) || kind(a) !== kind(b)) return false;
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (a instanceof RegExp || a instanceof URL || a instanceof URLSearchParams) {
    return String(a) === String(b);
  }
  const [left, right] = [bytes(a), bytes(b)];
  if (left && right) return left.length === right.length && left.every((v, i) => v === right[i]);

  // A pair that is being compared already (a cycle) differs elsewhere or not at all.
  if (seen.get(a) === b) return true;
  seen.set(a, b);
  if (a instanceof Set && b instanceof Set) {
    return a.size === b.size && matchAll([...a], [...b], (x, y) => compare(x, y, seen));
  }
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size &&
      matchAll(
        [...a],
        [...b],
        ([k, v], [l, w]) => compare(k, l, seen) && compare(v, w, seen),
      );
  }
  const keys = Reflect.ownKeys(a);
  return keys.length === Reflect.ownKeys(b).length &&
    keys.every((key) =>
      Object.hasOwn(b, key) && compare(Reflect.get(a, key), Reflect.get(b, key), seen)
    );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function kind(value: object): object {
  return Object.getPrototypeOf(value) ?? Object.prototype;
}

function bytes(value: object): Uint8Array | undefined {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (!ArrayBuffer.isView(value)) return undefined;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

/** Whether each of `left` has a partner of its own in `right`, in any order. */
function matchAll<T>(left: T[], right: T[], same: (a: T, b: T) => boolean): boolean {
  const free = [...right];
  return left.every((one) => {
    const at = free.findIndex((other) => same(one, other));
    if (at < 0) return false;
    free.splice(at, 1);
    return true;
  });
}
