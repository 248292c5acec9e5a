// What `adf install` and its like plan for the agents.toml of a machine, and what they refuse.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layout } from '../../src/core/install/layout.ts';
import type { Layout } from '../../src/core/install/layout.ts';
import type { InstallVerb } from '../../src/cli/local.ts';
import { install } from '../../src/main/install.ts';

const CHANGING = ['install', 'upgrade'] as const;

let dir: string;
let place: Layout;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-install-'));
  place = { ...layout(), config: join(dir, 'etc/agents.toml') };
});
afterEach(() => rmSync(dir, { recursive: true }));

/** agents.toml with `lines` in [factory], beside what installing writes there; `rest` follows. */
function configure(lines: Readonly<Record<string, string>>, rest = ''): void {
  const usual = { state_dir: place.stateDir, pause_dir: place.pauseDir, socket: place.socket, host: 'systemd' };
  const factory = Object.entries({ ...usual, ...lines }).map(([key, value]) => `${key} = "${value}"\n`);
  mkdirSync(join(dir, 'etc'), { recursive: true });
  writeFileSync(place.config, `[factory]\n${factory.join('')}${rest}`);
}

/** Every step and text of `adf <verb> --print`. */
async function planned(verb: InstallVerb = 'install'): Promise<string> {
  const { steps } = await install({ verb, printOnly: true }, place);
  return steps.map(({ what, text }) => `${what}\n${text ?? ''}`).join('\n');
}

describe('an agents.toml with errors', () => {
  it.each(CHANGING)('keeps %s from its first step, with what adf check says', async (verb) => {
    configure({}, '[[agents]]\nname = "works"\ncli_tool = 7\nlayer = "Growth"\ntask = "true"\n');
    const refused = planned(verb);
    await expect(refused).rejects.toMatchObject({ code: 'config' });
    await expect(refused).rejects.toThrow(
      new RegExp(
        `^${place.config}:8:12 {2}agents\\[0\\]\\.cli_tool {2}7: must be text[^\\n]*\\nadf ${verb} changed nothing$`,
      ),
    );
  });

  it('keeps nobody from uninstalling', async () => {
    configure({ host: 'cloud' });
    expect(await planned('uninstall')).toContain('remove /etc/systemd/system/adf.service');
  });
});

describe('an agents.toml that a service could not keep', () => {
  it.each([
    [{ host: 'keeper' }, /host = "keeper": .* each restart ends every agent.*: write host = "systemd"/],
    [{ state_dir: '/srv/state' }, /state_dir is \/srv\/state: .* write state_dir = "\/var\/lib\/adf"/],
    [{ socket: '/srv/adf.sock' }, /socket is \/srv\/adf\.sock: .* write socket = "\/run\/adf\/adf\.sock"/],
  ])('is refused with the cure: %o', async (lines, message) => {
    configure(lines);
    for (const verb of CHANGING) {
      await expect(planned(verb)).rejects.toThrow(message);
    }
    expect(await planned('uninstall')).toContain('adf.service');
  });

  it('is one that leaves out where the service lies: commands would look for it elsewhere', async () => {
    mkdirSync(join(dir, 'etc'));
    writeFileSync(place.config, '[factory]\nname = "build1"\n');
    await expect(planned()).rejects.toThrow(/state_dir is .*\.adf: [^\n]*\n.*socket is .*adf\.sock: /);
  });
});

it('plans with the folders that agents.toml names, and with the usual ones before there is one', async () => {
  expect(await planned()).toContain(
    'ReadWritePaths=-/var/lib/adf-pause /var/lib/adf-inputs -/var/lib/adf-workspaces\n',
  );
  configure({ pause_dir: '/opt/flags', workspace_dir: '/srv/work' });
  for (const verb of CHANGING) {
    expect(await planned(verb)).toContain('ReadWritePaths=-/opt/flags /var/lib/adf-inputs -/srv/work\n');
  }
});

it('gives the service every credential that agents.toml names, once', async () => {
  const gitea =
    '[gitea]\nurl = "https://git.example.org"\nowner = "ada"\nrepository = "ops"\ntoken_file = "credential:git"\n';
  const files = '[secrets.files]\nNPM_TOKEN = "credential:npm"\nGIT_TOKEN = "credential:git"\nOTHER = "/srv/other"\n';
  configure({}, `${gitea}[[channels]]\nname = "chat"\nkind = "slack"\nurl_file = "credential:chat"\n${files}`);
  for (const verb of CHANGING) {
    expect([...(await planned(verb)).matchAll(/^LoadCredential=(.*)$/gm)].map(([, line]) => line)).toEqual(
      ['chat', 'git', 'npm'].map((name) => `${name}:/etc/adf/credentials/${name}`),
    );
  }
});
