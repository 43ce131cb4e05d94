/** What a unit of systemd is written from. */
export interface UnitOptions {
  /** Of the machine, or of one person's own manager. */
  scope: "system" | "user";
  /** The user that it runs as; null: one of its own, which systemd makes. */
  user: string | null;
  /** The group whose members may ask it by its socket; null: the user's own. */
  group: string | null;
  /** Absolute path. */
  executable: string;
  /** Absolute path of the config file; null where there is none. */
  config: string | null;
  /** Files that hold one secret each, by the key of the setting. */
  secrets: ReadonlyMap<string, string>;
  /** Absolute path of the data directory; null: the one that systemd makes. */
  dataDir: string | null;
}

/** Begins every unit that we wrote: what does not begin so is not ours to replace or remove. */
export const UNIT_MARK = "# Written by plexsync install systemd.";

/** How long a start may take: the newest backup may have to be put in a damaged database's place. */
const START_LIMIT = "10min";
/** So long without a sign of life, and it is started anew. */
const WATCHDOG = "2min";

/** The unit, as it stands in the file. */
export function unitText(options: UnitOptions): string {
  const { scope } = options;
  const sections: [string, string[]][] = [
    ["Unit", [
      "Description=plexsync keeps Plex's metadata equal to Stash",
      ...(scope === "system" ? ["Wants=network-online.target", "After=network-online.target"] : []),
    ]],
    ["Service", [
      "Type=notify",
      `ExecStart=${commandOf(options)}`,
      // What is handed over is a copy, which is made at the start: only a restart renews it.
      ...(isHanded(options) ? [] : ["ExecReload=/bin/kill -HUP $MAINPID"]),
      ...placeOf(options),
      "Restart=on-failure",
      "RestartSec=10",
      `TimeoutStartSec=${START_LIMIT}`,
      `WatchdogSec=${WATCHDOG}`,
      "",
      ...(scope === "system" ? SYSTEM_HARDENING : USER_HARDENING),
    ]],
    ["Install", [`WantedBy=${scope === "system" ? "multi-user.target" : "default.target"}`]],
  ];
  const text = sections.map(([name, lines]) => [`[${name}]`, ...lines].join("\n")).join("\n\n");
  return `${UNIT_MARK}\n\n${text}\n`;
}

/** A user that systemd makes cannot read the config file by itself. */
function isHanded({ scope, user }: UnitOptions): boolean {
  return scope === "system" && user === null;
}

/** Where a user that systemd makes finds the file that it cannot read by itself. */
const HANDED_CONFIG = "%d/plexsync.toml";

function commandOf(options: UnitOptions): string {
  const { executable, config, dataDir } = options;
  return [
    quoted(executable),
    "run",
    ...(config === null ? [] : ["--config", isHanded(options) ? HANDED_CONFIG : argument(config)]),
    ...(dataDir === null ? [] : ["--data-dir", argument(dataDir)]),
  ].join(" ");
}

function placeOf({ scope, user, group, config, secrets, dataDir }: UnitOptions): string[] {
  // Commands beside the service find its socket there; it goes with the service.
  const runtime = ["RuntimeDirectory=plexsync"];
  const credentials = [...secrets].map(([key, path]) =>
    `LoadCredential=${quoted(`${key}:${path}`)}`
  );
  if (scope === "user") return [...runtime, ...credentials];
  const state = [
    ...(group === null ? [] : [`Group=${group}`]),
    ...(dataDir === null
      ? ["StateDirectory=plexsync", "StateDirectoryMode=0700"]
      : [`ReadWritePaths=${quoted(dataDir)}`]),
    ...runtime,
  ];
  if (user !== null) return [`User=${user}`, ...state, ...credentials];
  const file = config === null ? [] : [`LoadCredential=${quoted(`plexsync.toml:${config}`)}`];
  return ["DynamicUser=yes", ...state, ...file, ...credentials];
}

/** An argument of a command, where `$` stands for a variable too; in its first word it does not. */
function argument(text: string): string {
  return quoted(text.replaceAll("$", "$$$$"));
}

/** As systemd reads a word: `%` means something, blanks part words. */
function quoted(text: string): string {
  const escaped = text.replaceAll("%", "%%");
  return /[\s"'\\;]/.test(escaped)
    ? `"${escaped.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`
    : escaped;
}

/** What it needs nothing of. Memory that is written and run is the runtime's compiler: that stays. */
const USER_HARDENING = [
  "NoNewPrivileges=yes",
  "LockPersonality=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "SystemCallArchitectures=native",
  "UMask=0077",
];

const SYSTEM_HARDENING = [
  ...USER_HARDENING,
  "CapabilityBoundingSet=",
  "DevicePolicy=closed",
  "KeyringMode=private",
  "PrivateDevices=yes",
  "PrivateMounts=yes",
  "PrivateTmp=yes",
  "PrivateUsers=yes",
  "ProcSubset=pid",
  "ProtectClock=yes",
  "ProtectControlGroups=yes",
  "ProtectHome=yes",
  "ProtectHostname=yes",
  "ProtectKernelLogs=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelTunables=yes",
  "ProtectProc=invisible",
  "ProtectSystem=strict",
  "RemoveIPC=yes",
  "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
  "RestrictNamespaces=yes",
  "SystemCallErrorNumber=EPERM",
  "SystemCallFilter=@system-service",
  "SystemCallFilter=~@privileged @resources",
];
