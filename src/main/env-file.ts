// Reads a file of NAME=value lines, as services and shells write them; nothing in it is carried out.

const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/;

/** The variables in `text`. A value in quotes is what stands between them, `\n` in double quotes a line break; the last of a name counts. */
export function envFileValues(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, name, rest] = LINE.exec(line) ?? [];
    if (name !== undefined && rest !== undefined) {
      values.set(name, valueOf(rest.trim()));
    }
  }
  return values;
}

function valueOf(written: string): string {
  const [, quote, inside] = /^(["'])(.*)\1$/.exec(written) ?? [];
  if (inside === undefined) {
    return written;
  }
  return quote === '"' ? inside.replaceAll(/\\([n"\\$])/g, (_, char: string) => (char === 'n' ? '\n' : char)) : inside;
}
