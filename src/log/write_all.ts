/**
 * Writes all bytes, also where the system takes them in parts.
 * @returns Their number
 * @throws When the system takes none
 */
export function writeAll(
  file: { writeSync(bytes: Uint8Array): number },
  bytes: Uint8Array,
): number {
  let done = 0;
  while (done < bytes.length) {
    const taken = file.writeSync(bytes.subarray(done));
    if (taken === 0) throw new Error("Cannot write: the file takes no more bytes");
    done += taken;
  }
  return done;
}
