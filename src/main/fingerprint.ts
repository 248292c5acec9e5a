// Tells whether the files of a configuration have changed, by stat alone: they are looked at often.

import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** `files`: agents.toml first, then what it includes. A new file beside an included one is a change, too. */
export function fingerprint(files: readonly string[]): string {
  const [main, ...included] = files;
  const folders = [...new Set(included.map((file) => dirname(file)))];
  return [...(main === undefined ? [] : [main]), ...included, ...folders].map(stampOf).join('\n');
}

function stampOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? `${path} gone` : `${path} ${stat.ino} ${stat.size} ${stat.mtimeNs}`;
}
