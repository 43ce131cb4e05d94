/**
 * Proves a row of a table at a time, several beside each other, each as a step of its own: most of
 * the time they wait for a program that waits for its next try.
 * @param atOnce Lower for rows that keep a processor busy
 */
export async function proveRows<Row extends { when: string }>(
  t: Deno.TestContext,
  rows: readonly Row[],
  prove: (row: Row) => Promise<void>,
  atOnce = 10,
): Promise<void> {
  const left = rows.values();
  const lane = async () => {
    for (const row of left) {
      await t.step({
        name: row.when,
        fn: () => prove(row),
        // Steps beside each other see each other's resources; the test around them sees them all.
        sanitizeOps: false,
        sanitizeResources: false,
        sanitizeExit: false,
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
