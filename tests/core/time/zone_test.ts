import { assertEquals } from "@std/assert";

for (
  const { tz, want } of [
    { tz: "Europe/Berlin", want: "Europe/Berlin" },
    { tz: "UTC", want: "UTC" },
    { tz: "", want: "UTC" },
    { tz: ":/etc/localtime", want: "UTC" },
    { tz: "Nowhere/Land", want: "UTC" },
  ]
) {
  Deno.test(`zoneName() names the zone by which the clock goes when TZ is "${tz}"`, async () => {
    const program = `
      import { zoneName } from "${import.meta.resolve("../../../src/core/time/zone.ts")}";
      const date = new Date(Date.UTC(2026, 6, 1));
      const zone = zoneName(Intl.DateTimeFormat().resolvedOptions().timeZone);
      const hour = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, hour: "2-digit" });
      console.log(zone, Number(hour.format(date)) === date.getHours());`;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "-q", "--no-config", program],
      env: { TZ: tz },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assertEquals(text(stdout), `${want} true\n`, text(stderr));
  });
}
