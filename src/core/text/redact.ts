/** Stands where a secret stood. */
export const MASK = "********";

/** Shorter secrets are replaced as whole words only: two letters occur in every line. */
const FREE_TEXT_MIN_LENGTH = 4;

/**
 * Secrets by the place they stand in, whatever their value: query and header
 * values, cookies, URL userinfo, the session that Stash hands to a plugin.
 * `\\*` before a quote admits JSON inside JSON.
 */
const PLACES: readonly RegExp[] = [
  /((?:x-plex-token|apikey)(?:%3d|\\*["']?\s*[:=]\s*\\*["']?))([^\s&"'<>;,\\]+)/gi,
  // Not `name: text`, which is how a sentence about the setting reads.
  /((?:api_key|access_token|listen_token|plex_token)(?:\s*=\s*|\\*"\s*:\s*)\\*["']?)([^\s&"'<>;,\\]+)/gi,
  /(\bauthorization\\*["']?\s*[:=]\s*\\*["']?(?:bearer\s+|basic\s+)?)([^\s"'<>;,\\]+)/gi,
  /(cookie\\*["']?\s*[:=]\s*\\*["']?)([^\s;"'=\\]+=[^\s;"'\\]*(?:;\s*[^\s;"'=\\]+=[^\s;"'\\]*)*)/gi,
  /(\bsession=)([^\s&"'<>;,\\]+)/gi,
  /(SessionCookie\\*"\s*:\s*\{[^{}]*?"Value\\*"\s*:\s*\\*")([^"\\]+)/g,
  /(:\/\/)([^\s/?#"'<>\\]+(?=@))/g,
];

/** The forms in which a secret may show: as it is, in a URL, in JSON. */
function formsOf(secret: string): string[] {
  const encoded = encodeURIComponent(secret.toWellFormed());
  const form = new URLSearchParams({ v: secret }).toString().slice(2);
  const lower = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, encoded, lower(encoded), form, lower(form), json];
}

function patternOf(form: string): string {
  const literal = form.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
  if (form.length >= FREE_TEXT_MIN_LENGTH) return literal;
  return `(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])`;
}

/**
 * A function that masks every occurrence of the given secrets, also URL-encoded
 * or JSON-escaped, and whatever stands in a place that only secrets stand in
 * (`X-Plex-Token=…`, `apikey=…`, cookies, `user:password@` in a URL).
 * Secrets of 1 to 3 characters are masked where they stand alone as a word;
 * empty ones are ignored.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.filter((secret) => secret !== "").flatMap(formsOf))]
    .sort((a, b) => b.length - a.length);
  const values = forms.length === 0 ? undefined : new RegExp(forms.map(patternOf).join("|"), "g");
  return (text) => {
    let result = values === undefined ? text : text.replace(values, MASK);
    for (const place of PLACES) result = result.replace(place, `$1${MASK}`);
    return result;
  };
}
