// Whom a client asks while agents.toml is broken, and what it is told where nobody answers.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { local } from '../../src/main/local.ts';

let dir: string;
let config: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-whom-'));
  config = join(dir, 'agents.toml');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const NAMED = '[factory]\nstate_dir = "state"\n';
const BROKEN = `${NAMED}[[agents]]\nname = 7\n`;

describe('the socket', () => {
  it.each([
    ['a right file', NAMED],
    ['a file with a wrong value', BROKEN],
    ['a file that is no TOML', `${NAMED}[[agents`],
  ])('is where %s says', async (_, text) => {
    writeFileSync(config, text);
    expect(await local.socketPath({ config })).toBe(join(dir, 'state/adf.sock'));
  });

  it('is told by nobody where the file is broken and names a variable', async () => {
    writeFileSync(config, '[factory]\nstate_dir = "${ADF_NOT_SET}"\n');
    await expect(local.socketPath({ config })).rejects.toMatchObject({ code: 'config' });
  });
});

describe('where nobody answers', () => {
  it.each([
    ['', 'is empty: a daemon with another state_dir is asked with --socket PATH'],
    ['# nothing\n', 'names no state_dir: a daemon with another state_dir is asked with --socket PATH'],
    [BROKEN, 'has errors (adf check): a daemon with another state_dir is asked with --socket PATH'],
  ])('%j is to blame', async (text, why) => {
    writeFileSync(config, text);
    expect(await local.whyThere({ config })).toBe(`${config} ${why}`);
  });

  it('a file that names it is not', async () => {
    writeFileSync(config, NAMED);
    expect(await local.whyThere({ config })).toBeNull();
  });
});
