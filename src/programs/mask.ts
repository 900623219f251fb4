/** What stands where a secret stood. */
const MASK = '•••';
/** Below this a "secret" is an accident, and masking it would make every line unreadable. */
const SECRET_LENGTH_MIN = 3;

const KNOWN_SHAPES: readonly (readonly [RegExp, string])[] = [
  // postgres://user:password@host. Greedy up to the last @, because passwords hold unescaped ones.
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@]{0,200}):[^\s/]*@/gi, `$1:${MASK}@`],
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@]{0,200}):[^\s@]*@/gi, `$1:${MASK}@`],
  [/\b(bearer|basic)(\s+)[\w.~+/=-]{4,}/gi, `$1$2${MASK}`],
  [
    /((?:password|passwd|passphrase|pwd|secret|token|api[_-]?key)["']?\s*[=:]\s*)(?!•)(?:"[^"]*"|'[^']*'|[^\s,;&]+)/gi,
    `$1${MASK}`,
  ],
  // alter role … password '…'
  [/(\bpassword\s+)(?:e?'(?:[^']|'')*')/gi, `$1${MASK}`],
  [/\bx(?:ox[a-z]|app)-[\w-]{6,}/g, MASK],
  [/(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*/g, `$1 ${MASK}`],
];

/** The text without the secrets that were given and without what looks like one. */
export function mask(text: string, secrets: readonly string[] = []): string {
  let masked = text;
  for (const form of formsOf(secrets)) masked = masked.replaceAll(form, MASK);
  for (const [shape, shown] of KNOWN_SHAPES) masked = masked.replace(shape, shown);
  return masked;
}

/** A secret as it is, line by line, and as it looks inside a URL; longest first. */
function formsOf(secrets: readonly string[]): readonly string[] {
  return secrets
    .flatMap((secret) => [secret, ...secret.split(/\r?\n/)])
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .filter((secret) => secret.length >= SECRET_LENGTH_MIN)
    .sort((left, right) => right.length - left.length);
}
