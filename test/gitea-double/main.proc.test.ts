// The double as a program: says what to put into agents.toml, shows its issues, and leaves nothing behind.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { askGitea } from '../support/gitea-person.ts';

const MAIN = fileURLToPath(new URL('../support/gitea-double/main.ts', import.meta.url));

it('serves issues to programs and to people until it is told to end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'adf-double-'));
  const tokenFile = join(folder, 'made', 'token');
  const child = spawn(process.execPath, [MAIN, '0', tokenFile], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const output = child.stdout.iterator({ destroyOnReturn: false });

  const { value } = (await output.next()) as { value: Buffer };
  const [, url = ''] = /url = "(http:[^"]+)"/.exec(value.toString()) ?? [];
  const login = { url, token: (await readFile(tokenFile, 'utf8')).trim() };
  await askGitea(login, 'POST /repos/factory/demo/issues', { title: '<b>paused</b>', body: 'rm <flag>' });
  const list = await (await fetch(`${url}/`)).text();
  const issue = await (await fetch(`${url}/factory/demo/issues/1`)).text();
  const missing = await fetch(`${url}/factory/demo/issues/2`);
  child.kill('SIGINT');

  expect(await ended).toEqual([0, null]);
  expect(await text(child.stdout)).toBe('');
  expect(list).toContain('&#60;b&#62;paused');
  expect(issue).toContain('rm &#60;flag&#62;');
  expect(missing.status).toBe(404);
  expect(existsSync(tokenFile)).toBe(false);
  await rm(folder, { recursive: true });
});
