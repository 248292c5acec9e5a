// `adf init`: writes a commented agents.toml for the folder it stands in; never over one that is there.

import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { InitView } from '../cli/local.ts';
import { inspectFolder, initText } from '../config/init-text.ts';

/** Writes `<directory>/agents.toml` (null: where we stand). */
export function init(directory: string | null): InitView {
  const folder = resolve(directory ?? '.');
  const path = join(folder, 'agents.toml');
  const facts = inspectFolder(folder);
  const text = initText(facts);
  const agents = [...text.matchAll(/^name = "([^"]+)"/gm)].map((match) => match[1] ?? '').filter((name) => name !== '');
  const notes = [
    facts.isGit ? 'a git repository' : 'no git repository: agents work in the folder as it is',
    facts.test === null ? 'no test command was recognised' : `tests run by: ${facts.test.join(' ')}`,
  ];
  if (existsSync(path)) {
    return { path, written: false, agents: [], notes };
  }
  writeFileSync(path, text, { flag: 'wx' });
  return { path, written: true, agents, notes };
}
