/** Stand-in for `@std/assert`: the assertions that the tests use, with the same signatures. */
import { diffLines } from "./diff.ts";
import { equal } from "./equal.ts";

/** What every assertion throws. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

// `never[]` takes constructors of any parameters.
type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** Fails when `expr` is falsy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Fails when the two are not deeply equal, and shows where. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  const diff = diffLines(show(actual).split("\n"), show(expected).split("\n"));
  throw new AssertionError(
    `Values are not equal${suffix(msg)}\n\n    [Diff] -actual +expected\n\n${diff.join("\n")}\n`,
  );
}

/** Fails when the two are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  throw new AssertionError(
    `Expected actual: ${show(actual)} not to be: ${show(expected)}${suffix(msg)}`,
  );
}

/** Fails when `actual` does not contain `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (actual.includes(expected)) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to contain: "${expected}"${suffix(msg)}`,
  );
}

/** Fails when `actual` does not match `expected`. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) return;
  throw new AssertionError(`Expected actual: "${actual}" to match: "${expected}"${suffix(msg)}`);
}

/** Fails when `fn` does not throw; with a class, when it throws anything else. Returns the error. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  second?: ErrorClass<Error> | string,
  msgIncludes?: string,
  fourth?: string,
): unknown {
  const [Class, msg] = typeof second === "string" ? [undefined, second] : [second, fourth];
  let thrown: unknown;
  try {
    fn();
  } catch (error) {
    thrown = error;
    checkError(thrown, Class, msgIncludes, msg, "thrown");
    return thrown;
  }
  throw new AssertionError(`Expected function to throw${suffix(msg)}`);
}

/** Fails when the promise is not rejected; with a class, when it is by anything else. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  second?: ErrorClass<Error> | string,
  msgIncludes?: string,
  fourth?: string,
): Promise<unknown> {
  const [Class, msg] = typeof second === "string" ? [undefined, second] : [second, fourth];
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch {
    throw new AssertionError(`Function throws when expected to reject${suffix(msg)}`);
  }
  try {
    await promise;
  } catch (error) {
    checkError(error, Class, msgIncludes, msg, "rejected");
    return error;
  }
  throw new AssertionError(`Expected function to reject${suffix(msg)}`);
}

function checkError(
  error: unknown,
  Class: ErrorClass<Error> | undefined,
  msgIncludes: string | undefined,
  msg: string | undefined,
  verb: "thrown" | "rejected",
) {
  if (!Class) return;
  if (!(error instanceof Error)) {
    throw new AssertionError(`A non-Error object was ${verb}${suffix(msg)}`);
  }
  const actual: string = error.constructor.name;
  if (!(error instanceof Class)) {
    throw new AssertionError(
      `Expected error to be instance of "${Class.name}", but was "${actual}"` +
        suffix(msg),
      { cause: error },
    );
  }
  if (msgIncludes && !error.message.includes(msgIncludes)) {
    throw new AssertionError(
      `Expected error message to include ${JSON.stringify(msgIncludes)}, but got ` +
        JSON.stringify(error.message) + suffix(msg),
    );
  }
}

function show(value: unknown): string {
  return Deno.inspect(value, {
    compact: false,
    depth: Infinity,
    iterableLimit: Infinity,
    sorted: true,
    strAbbreviateSize: Infinity,
    trailingComma: true,
  });
}

function suffix(msg: string | undefined): string {
  return msg ? `: ${msg}` : ".";
}
