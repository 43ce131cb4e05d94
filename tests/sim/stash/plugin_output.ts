/** What a plugin's stdout and its end mean. */

export interface PluginResult {
  /** Unset: no result. The raw text when stdout is no JSON object. */
  output?: unknown;
  error?: string;
}

const SIGNAL_WORDS: Record<string, string> = {
  SIGHUP: "hangup",
  SIGINT: "interrupt",
  SIGABRT: "aborted",
  SIGKILL: "killed",
  SIGSEGV: "segmentation fault",
  SIGPIPE: "broken pipe",
  SIGTERM: "terminated",
};

export function readPluginOutput(stdout: string): PluginResult {
  let json: unknown;
  try {
    json = JSON.parse(stdout);
  } catch {
    return { output: stdout };
  }
  if (json === null) return {};
  if (typeof json !== "object" || Array.isArray(json)) return { output: stdout };
  // Go finds members whatever their case.
  const member = (name: string) =>
    Object.entries(json).find(([key]) => key.toLowerCase() === name)?.[1] ?? undefined;
  const [output, error] = [member("output"), member("error")];
  if (error !== undefined && typeof error !== "string") return { output: stdout };
  return {
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
  };
}

/** A bad end counts as an error when the plugin named none itself. */
export function withExit(
  result: PluginResult,
  code: number,
  signal: string | null,
): PluginResult {
  if (result.error !== undefined || (code === 0 && signal === null)) return result;
  const error = signal === null
    ? `exit status ${code}`
    : `signal: ${SIGNAL_WORDS[signal] ?? signal}`;
  return { ...result, error };
}
