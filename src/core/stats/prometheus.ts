/** One value of a metric. */
export interface Sample {
  labels?: Readonly<Record<string, string>>;
  value: number;
}

/** A metric with all its values. A counter's name ends in `_total`. */
export interface MetricFamily {
  name: string;
  type: "counter" | "gauge";
  help: string;
  samples: readonly Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * The metrics as Prometheus reads them (text exposition format 0.0.4).
 * @throws {RangeError} a name is none that Prometheus takes
 */
export function exposition(families: readonly MetricFamily[]): string {
  return families.map((family) => {
    const { name, type, help, samples } = family;
    if (!NAME.test(name)) throw new RangeError(`Cannot name a metric "${name}"`);
    const lines = samples.map(({ labels, value }) =>
      `${name}${labelText(labels)} ${number(value)}`
    );
    return [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...lines].join("\n") +
      "\n";
  }).join("");
}

function labelText(labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    if (!LABEL.test(name)) throw new RangeError(`Cannot name a label "${name}"`);
    return `${name}="${escapeLabel(value)}"`;
  });
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text.toWellFormed()).replaceAll('"', '\\"');
}

function number(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return String(value);
}
