// Takes secrets out of text before it leaves the house: values that we know, and shapes that only secrets have.

/** What stands where a secret stood. */
const REDACTED = '[redacted]';

/** Shorter values are left alone: they are also parts of ordinary words, and a log full of holes helps nobody. */
export const SHORTEST_KNOWN_SECRET = 6;

/** Whole tokens by the prefix or form that their issuer gives them. Every repetition is bounded or a plain class: no backtracking. */
const TOKEN_SHAPES: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g,
  /\bsk-[A-Za-z0-9_-]{16,}/g,
  /\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}/g,
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bgl(?:pat|rt|cbt|dt)-[A-Za-z0-9_-]{16,}/g,
  /\bxox[a-z]-[A-Za-z0-9-]{10,}/g,
  /\bxapp-[A-Za-z0-9-]{10,}/g,
  /\bhttps:\/\/hooks\.slack\.com\/services\/[A-Za-z0-9/_-]+/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /\bya29\.[A-Za-z0-9_-]{20,}/g,
  /\bnpm_[A-Za-z0-9]{30,}/g,
  /\bhf_[A-Za-z0-9]{20,}/g,
  /\bpypi-[A-Za-z0-9_-]{20,}/g,
  /\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g,
  /\b[0-9]{8,10}:[A-Za-z0-9_-]{35}\b/g,
  /\bAGE-SECRET-KEY-1[A-Z0-9]{20,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
];

/** What stands behind a word that announces a secret; the first group stays. */
const ANNOUNCED: readonly RegExp[] = [
  /(\b(?:bearer|basic|token)\s{1,4})(?=[A-Za-z0-9._~+/=-]*[0-9])[A-Za-z0-9._~+/=-]{12,}/gi,
  /(\bauthorization["']?\s{0,4}[:=]\s{0,4}["']?(?:[a-z]{3,10}\s{1,4})?)[A-Za-z0-9._~+/=-]{6,}/gi,
  /(:\/\/[^\s/:@]{0,256}:)[^\s/@]{1,512}(?=@)/g,
  /([?&](?:token|access_token|private_token|api_key|apikey|key|secret|password|signature|sig)=)[^\s&#"'<>]+/gi,
  /(\b[A-Z0-9_]{0,64}(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS?)=["']?)(?![0-9]{1,12}\b)[^\s"']+/g,
  /((?:api[_-]?key|access[_-]?key|secret|token|password|passwd|passphrase|credential)["']?\s{0,4}[:=]\s{0,4}["']?)(?=[^\s"',;]*[0-9])(?![0-9]{1,12}\b)[^\s"',;[\]]{8,}/gi,
];

/**
 * `text` without the values in `secrets` (also as they stand in an address or in JSON, and line by line where a value has
 * several) and without anything shaped like a token. Ask before cutting: half a secret has no shape.
 */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = redactKnown(text, secrets);
  for (const shape of TOKEN_SHAPES) {
    clean = clean.replace(shape, REDACTED);
  }
  for (const announced of ANNOUNCED) {
    clean = clean.replace(announced, `$1${REDACTED}`);
  }
  return clean;
}

/** `text` without the values in `secrets`: for what must stay as it is otherwise. */
export function redactKnown(text: string, secrets: readonly string[]): string {
  return secretForms(secrets).reduce((clean, form) => clean.replaceAll(form, REDACTED), text);
}

/** A word of ours, such as the name of an outcome: never touched, whatever somebody chose as a secret. */
const OWN_WORD = /^[a-z_.]{1,24}$/;

/** `value` with every text in it passed through `redactKnown`; keys and our own words stay. */
export function redactWithin<Value>(value: Value, secrets: readonly string[]): Value {
  return secrets.length === 0 ? value : (cleaned(value, secrets) as Value);
}

function cleaned(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') {
    return OWN_WORD.test(value) ? value : redactKnown(value, secrets);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Array.isArray(value)
    ? value.map((one) => cleaned(one, secrets))
    : Object.fromEntries(Object.entries(value).map(([key, one]) => [key, cleaned(one, secrets)]));
}

/** Every way in which a known value may be written, longest first so that no form is broken up by a shorter one. */
export function secretForms(secrets: readonly string[]): readonly string[] {
  const known = formsOf.get(secrets) ?? computeForms(secrets);
  formsOf.set(secrets, known);
  return known;
}

/** The same list comes with every text that is written. */
const formsOf = new WeakMap<readonly string[], readonly string[]>();

function computeForms(secrets: readonly string[]): readonly string[] {
  const forms = secrets
    .flatMap((secret) => [secret, secret.trim(), ...secret.split(/\r?\n/)])
    .flatMap((part) => [part, encodeURIComponent(part.toWellFormed()), JSON.stringify(part).slice(1, -1)])
    .filter((form) => form.length >= SHORTEST_KNOWN_SECRET);
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}
