// What doctor says of a project: what its user can do there, each lack with the command that cures it.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOGINS } from '../../src/drivers/logins.ts';
import { DRIVERS } from '../../src/drivers/registry.ts';
import { projects } from '../../src/main/doctor-projects.ts';
import { loadText, testFolder } from '../support/factory.ts';

const { username, uid } = userInfo();

let dir: string;
beforeEach(() => {
  dir = testFolder();
  ['bin', 'home/.claude', 'web/.git/objects', 'web/.git/refs'].forEach((name) =>
    mkdirSync(join(dir, name), { recursive: true }),
  );
  writeFileSync(join(dir, 'web/.git/HEAD'), 'ref: refs/heads/main\n');
});
afterEach(() => rmSync(dir, { recursive: true }));

interface Given {
  readonly environment: Readonly<Record<string, string>>;
  readonly defaultUser: string;
}

/** What is said of the project `web` with one agent. */
async function said(project: string, agent: string, given: Partial<Given> = {}) {
  const { environment = {}, defaultUser = null } = given;
  const fleet = loadText(
    dir,
    `[secrets]\nenv_file = "./env"\n[[projects]]\nid = "web"\nworking_dir = "web"\n${project}\n[[agents]]\nname = "a"\nproject = "web"\nlayer = "Growth"\n${agent}\n`,
  );
  const own = { PATH: `${dir}/bin:${process.env['PATH'] ?? ''}`, HOME: join(dir, 'home') };
  const checks = await projects({ fleet, defaultUser, environment: { ...own, ...environment } });
  return checks.map(({ state, text, remedy }) => `${state} ${text}${remedy === null ? '' : ` → ${remedy}`}`);
}

const claude = 'cli_tool = "claude"\ntask = "Look."';
const fine = (): string => `ok web: ${username} can work in ${dir}/web`;

describe('a project', () => {
  it('is well where its user reads, writes, and finds its programs', async () => {
    expect(await said('', 'cli_tool = "sh"\nargs = ["-c", "true"]')).toEqual([fine()]);
  });

  it('whose folder is not there is told so', async () => {
    rmSync(join(dir, 'web'), { recursive: true });

    expect(await said('', 'cli_tool = "true"')).toEqual([
      `missing web: ${username} cannot enter and read ${dir}/web → setfacl -R -m u:${username}:rX,d:u:${username}:rX ${dir}/web`,
      `limited web: ${username} cannot write ${dir}/web → setfacl -R -m u:${username}:rwX,d:u:${username}:rwX ${dir}/web`,
    ]);
  });

  it('whose git refuses it for its owner is told what to set, and for whom', async () => {
    expect(await said('env = { GIT_TEST_ASSUME_DIFFERENT_OWNER = "1" }', 'cli_tool = "true"')).toEqual([
      `missing web: git of ${username} refuses ${dir}/web, which belongs to somebody else → sudo -u ${username} -H git config --global --add safe.directory ${dir}/web`,
    ]);
  });

  it('whose program is not on the PATH is told which', async () => {
    expect(await said('', 'cli_tool = "no-such-program"')).toEqual([
      `missing web: ${username} finds no program no-such-program → install no-such-program for ${username}, or set env.PATH of project web`,
    ]);
  });

  it.each([
    ['nothing', '', {}, false],
    ['a file in its home', '.claude/.credentials.json', {}, true],
    ['a file in a folder of its own', 'env = { CLAUDE_CONFIG_DIR = "login" }', {}, true],
    ['a folder of its own without the file', 'env = { CLAUDE_CONFIG_DIR = "no-login" }', {}, false],
    ['a variable passed on', 'env_pass = ["ANTHROPIC_API_KEY"]', { ANTHROPIC_API_KEY: 'x' }, true],
    ['a variable to be passed on that is not there', 'env_pass = ["ANTHROPIC_API_KEY"]', {}, false],
    ['a secret', 'secrets = ["ANTHROPIC_API_KEY"]', {}, true],
  ])('knows the login of an agent CLI: %s', async (...[, given, environment, isThere]) => {
    writeFileSync(join(dir, 'bin/claude'), '#!/bin/sh\n', { mode: 0o755 });
    mkdirSync(join(dir, 'web/login'), { recursive: true });
    writeFileSync(join(dir, 'web/login/.credentials.json'), '{}');
    if (given.startsWith('.')) {
      writeFileSync(join(dir, 'home', given), '{}');
    }
    const lines = await said('', `${claude}\n${given.startsWith('.') ? '' : given}`, { environment });

    expect(lines).toEqual([
      isThere
        ? fine()
        : `limited web: no login of claude is found for ${username} (a) → sudo -u ${username} -H claude /login, or give ANTHROPIC_API_KEY as a secret`,
    ]);
  });

  it('whose home and logins are its user’s alone is well, and its CLI finds them there', async () => {
    writeFileSync(join(dir, 'bin/claude'), '#!/bin/sh\n', { mode: 0o755 });
    ['own', 'one'].forEach((name) => mkdirSync(join(dir, name), { mode: 0o700 }));
    writeFileSync(join(dir, 'one/.credentials.json'), '{}');

    expect(await said('home = "own"\ncredentials = { claude = "one" }', claude)).toEqual([fine()]);
  });

  it('whose home or login others can enter, or nobody needs, is told what cures it', async () => {
    writeFileSync(join(dir, 'bin/claude'), '#!/bin/sh\n', { mode: 0o755 });
    mkdirSync(join(dir, 'own'), { mode: 0o755 });

    expect(await said('home = "own"\ncredentials = { claude = "one", other = "own" }', claude)).toEqual([
      `missing web: ${dir}/own is no folder that ${username} alone can enter → install -d -m 0700 -o ${username} ${dir}/own`,
      `missing web: ${dir}/one is no folder that ${username} alone can enter → install -d -m 0700 -o ${username} ${dir}/one`,
      'limited web: no agent runs on the account other, for which it has credentials → set provider = "other" at its agents, or remove it',
      `limited web: no login of claude is found for ${username} (a) → sudo -u ${username} -H env HOME=${dir}/own CLAUDE_CONFIG_DIR=${dir}/one claude /login, or give ANTHROPIC_API_KEY as a secret`,
    ]);
  });

  it('whose runs are to have folders where their user cannot come is told where to put them', async () => {
    const lines = await said('user = "nobody"', 'cli_tool = "true"\nworkspace = "copy"');
    const expected = `missing web: nobody cannot enter ${dir}/.adf/workspaces: nothing is started of a → set [factory] workspace_dir = "/var/lib/adf-workspaces", then: adf install`;

    expect(lines).toEqual(expect.arrayContaining([uid === 0 ? expected : expect.stringMatching(/only root can look/)]));
    expect(await said('', 'cli_tool = "true"\nworkspace = "copy"')).toEqual([fine()]);
  });

  it('of another user is looked at as that user, which only root can', async () => {
    const lines = await said('user = "nobody"', 'cli_tool = "true"');
    const cannot = [
      expect.stringMatching(/^missing web: nobody cannot enter and read/),
      expect.stringMatching(/^limited web: nobody cannot write/),
    ];

    expect(lines).toEqual(uid === 0 ? cannot : ['limited web: only root can look for nobody → sudo adf doctor']);
  });

  it('whose user is that of the factory is told to name another, where agents have users of their own', async () => {
    expect(await said(`user = "${username}"`, 'cli_tool = "true"', { defaultUser: 'adf-agent' })).toEqual([
      `limited web: nothing runs as ${username}, the user of the factory → user = "adf-agent" in [[projects]] of web`,
    ]);
  });

  it('whose user is not there is told how to make it', async () => {
    const expected = uid === 0 ? /^missing web: there is no user adf-nobody-here → useradd/ : /^limited web: only root/;

    expect((await said('user = "adf-nobody-here"', 'cli_tool = "true"'))[0]).toMatch(expected);
  });
});

it('knows where every agent CLI keeps its login', () => {
  expect(Object.keys(LOGINS).toSorted()).toEqual(
    DRIVERS.map(({ name }) => name)
      .filter((name) => name !== 'exec')
      .toSorted(),
  );
});
