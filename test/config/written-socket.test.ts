// What plain lines of a broken agents.toml tell of the control socket.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writtenSocket } from '../../src/config/written-socket.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-written-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it.each([
  ['[factory]\nstate_dir = "/var/lib/adf"\n[[agents', '/var/lib/adf/adf.sock'],
  ["[factory]\n  state_dir='/var/lib/adf' # here\n[[", '/var/lib/adf/adf.sock'],
  ['factory.socket = "/run/adf.sock"\n=', '/run/adf.sock'],
  ['[factory]\nstate_dir = "/a"\nsocket = "/b.sock"\n', '/b.sock'],
  ['[[agents]]\nstate_dir = "/a"\n', '.adf/adf.sock'],
  ['[factory]\n# state_dir = "/a"\n', '.adf/adf.sock'],
  ['[factory]\nstate_dir = "state"\n', 'state/adf.sock'],
  ['[factory]\nstate_dir = "${HOME}/adf"\n', null],
])('%j: %s', (text, socket) => {
  const path = join(dir, 'agents.toml');
  writeFileSync(path, text);
  expect(writtenSocket(path)).toBe(socket === null || socket.startsWith('/') ? socket : join(dir, socket));
});

it('tells nothing of a file that is not there', () => {
  expect(writtenSocket(join(dir, 'none.toml'))).toBeNull();
});
