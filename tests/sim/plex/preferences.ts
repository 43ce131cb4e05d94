/** The server preferences that matter to a client of the library. */
export interface Preference {
  [key: string]: string | boolean;
  id: string;
  label: string;
  summary: string;
  type: "bool" | "int" | "text" | "double";
  default: string;
  hidden: boolean;
  advanced: boolean;
  group: string;
}

const preference = (
  id: string,
  type: Preference["type"],
  initial: string,
  group: string,
): Preference => ({
  id,
  label: id,
  summary: "",
  type,
  default: initial,
  hidden: false,
  advanced: true,
  group,
});

export const PREFERENCES: readonly Preference[] = [
  preference("FriendlyName", "text", "Simulated Plex", "general"),
  preference("FSEventLibraryUpdatesEnabled", "bool", "0", "library"),
  preference("ScheduledLibraryUpdatesEnabled", "bool", "0", "library"),
  preference("ScheduledLibraryUpdateInterval", "int", "3600", "library"),
  preference("autoEmptyTrash", "bool", "1", "library"),
  preference("ButlerStartHour", "int", "2", "butler"),
  preference("ButlerEndHour", "int", "5", "butler"),
  preference("secureConnections", "int", "1", "network"),
  preference("allowedNetworks", "text", "", "network"),
  preference("DatabaseCacheSize", "int", "40", "library"),
];
