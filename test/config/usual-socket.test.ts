// The short way to the control socket answers what the long way does, or nothing.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { usualSocket } from '../../src/config/usual-socket.ts';
import { controlSocket } from '../../src/main/config.ts';
import { loadText } from '../support/load-config.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-socket-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it.each([
  ['', true],
  ['[factory]\nname = "build1"\n', true],
  ['# state_dir = "elsewhere"\n  # socket = "x"\n[factory]\n', true],
  ['[factory]\nstate_dir = "elsewhere"\n', false],
  ['factory.socket = "/run/adf.sock"\n', false],
  ['factory = { "state_dir" = "elsewhere" }\n', false],
  ['[factory]\n"\\u0073tate_dir" = "elsewhere"\n', false],
  ['[factory] # moved: state_dir\n', false],
])('%j', (toml, isUsual) => {
  const path = join(dir, 'agents.toml');
  writeFileSync(path, toml);
  const loaded = loadText(toml === '' ? '#' : toml, { path });

  const usual = usualSocket(path);

  expect(usual !== null).toBe(isUsual);
  expect(loaded.kind).toBe('ok');
  expect(loaded.kind === 'ok' && (usual ?? controlSocket(loaded.fleet))).toBe(
    loaded.kind === 'ok' ? controlSocket(loaded.fleet) : '',
  );
});

it('answers for a file that is broken elsewhere, and nothing for one that is not there', () => {
  const path = join(dir, 'agents.toml');
  writeFileSync(path, '[[agents');
  expect(usualSocket(path)).toBe(join(dir, '.adf/adf.sock'));
  expect(usualSocket(join(dir, 'none.toml'))).toBeNull();
});
