/**
 * The time zone of the clock of this process by a name that browsers know, such as
 * `Europe/Berlin`.
 * @param resolved What `Intl` says of it: nothing, or a name of no zone, where `TZ` is empty or
 *   names none. The clock goes by UTC then.
 */
export function zoneName(resolved: string | undefined): string {
  return resolved === undefined || resolved === "Etc/Unknown" ? "UTC" : resolved;
}
