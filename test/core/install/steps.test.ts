// What installing changes on a machine, as data and as texts.

import { describe, expect, it } from 'vitest';
import { layout } from '../../../src/core/install/layout.ts';
import {
  installSteps,
  privateFolders,
  uninstallSteps,
  upgradeSteps,
  type Step,
} from '../../../src/core/install/steps.ts';
import type { Fleet } from '../../../src/core/fleet.ts';

const PROGRAM = { version: '1.2.3', root: '/home/ada/dark-factory' };
const PLACE = layout();
const INSTALL = installSteps(PLACE, PROGRAM);

function textOf(steps: readonly Step[], path: string): string {
  const step = steps.find((each) => each.kind === 'file' && each.path === path);
  return step?.kind === 'file' ? step.text : '';
}

describe('installing', () => {
  it('makes pause_dir for operators, and a state folder that nobody else can pass', () => {
    expect(INSTALL).toContainEqual({ kind: 'folder', path: '/var/lib/adf', mode: 0o700, group: null });
    expect(INSTALL).toContainEqual({
      kind: 'folder',
      path: '/var/lib/adf-pause',
      mode: 0o2770,
      group: 'adf-operators',
    });
  });

  it.each([
    ['installing', INSTALL],
    ['upgrading', upgradeSteps(PLACE, PROGRAM)],
  ])('makes, when %s, folders in which agents reach what is theirs by its name, and list nothing', (_, steps) => {
    for (const path of ['/var/lib/adf-inputs', '/var/lib/adf-workspaces']) {
      expect(steps).toContainEqual({ kind: 'folder', path, mode: 0o711, group: null });
    }
  });

  it('makes homes and folders of logins for the users of their projects, each once, when installing and upgrading', () => {
    const project = { user: null, home: null, credentials: [] };
    const shared = { account: 'anthropic', folder: '/srv/login' };
    const own = privateFolders(
      [
        { ...project, user: 'web', home: '/srv/home', credentials: [shared] },
        { ...project, user: 'web', credentials: [shared] },
        { ...project, home: '/srv/other' },
        project,
      ] as unknown as Fleet['projects'],
      PLACE,
    );
    const wanted = [
      { kind: 'private_folder', path: '/srv/home', user: 'web' },
      { kind: 'private_folder', path: '/srv/login', user: 'web' },
      { kind: 'private_folder', path: '/srv/other', user: 'adf-agent' },
    ];
    const wishes = { own, credentials: [] };
    for (const steps of [installSteps(PLACE, PROGRAM, wishes), upgradeSteps(PLACE, PROGRAM, wishes)]) {
      expect(steps.filter(({ kind }) => kind === 'private_folder')).toEqual(wanted);
    }
  });

  it('writes a configuration that everybody may read, once', () => {
    const config = INSTALL.find((step) => step.kind === 'file' && step.path === '/etc/adf/agents.toml');
    expect(config).toMatchObject({ mode: 0o644, once: true });
    expect(textOf(INSTALL, '/etc/adf/agents.toml')).toMatch(
      /state_dir = "\/var\/lib\/adf"\npause_dir = "\/var\/lib\/adf-pause"\nsocket = "\/run\/adf\/adf\.sock"\nhost = "systemd"\nenforcement = "kernel"\nsandbox = "standard"\nworkspace_dir = "\/var\/lib\/adf-workspaces"\n/,
    );
  });

  it('names the program by its link, so that an upgrade changes one name', () => {
    const unit = textOf(INSTALL, '/etc/systemd/system/adf.service');
    expect(unit).toContain('ExecStart=/opt/dark-factory/current/bin/adf start --config /etc/adf/agents.toml\n');
    expect(unit).not.toContain(PROGRAM.version);
    expect(INSTALL).toContainEqual({ kind: 'link', path: '/opt/dark-factory/current', target: '1.2.3' });
  });

  it('lets the daemon write flags and make workspaces wherever agents.toml has them', () => {
    const unit = textOf(
      installSteps(layout({ pauseDir: '/opt/flags', workspaceDir: '/srv/work' }), PROGRAM),
      '/etc/systemd/system/adf.service',
    );
    expect(unit).toContain('ReadWritePaths=-/opt/flags /var/lib/adf-inputs -/srv/work\n');
  });

  it.each([
    ['installing', installSteps],
    ['upgrading', upgradeSteps],
  ])(
    'lets the manager give the daemon each credential, when %s, and an empty one where there is no file',
    (_, steps) => {
      const planned = steps(PLACE, PROGRAM, { own: [], credentials: ['ai-key', 'gitea-token'] });
      expect(planned).toContainEqual({ kind: 'folder', path: '/etc/adf/credentials', mode: 0o700, group: null });
      expect(textOf(planned, '/etc/systemd/system/adf.service')).toContain(
        [
          'LoadCredential=ai-key:/etc/adf/credentials/ai-key',
          'SetCredential=ai-key:\\n',
          'LoadCredential=gitea-token:/etc/adf/credentials/gitea-token',
          'SetCredential=gitea-token:\\n\n',
        ].join('\n'),
      );
      expect(textOf(INSTALL, '/etc/systemd/system/adf.service')).not.toContain('Credential');
    },
  );

  it('has the manager start the daemon again, in vain at most ten times, and no agent pay for its end', () => {
    const unit = textOf(INSTALL, '/etc/systemd/system/adf.service').split('\n');
    expect(unit).toEqual(
      expect.arrayContaining([
        'StartLimitIntervalSec=300',
        'StartLimitBurst=10',
        'Type=notify',
        'ExecReload=/opt/dark-factory/current/bin/adf reload --config /etc/adf/agents.toml',
        'Restart=always',
        'RestartSec=2',
        'WatchdogSec=60',
        'OOMPolicy=continue',
        'OOMScoreAdjust=-500',
      ]),
    );
  });

  it('keeps room for the machine beside all agents together', () => {
    const slice = textOf(INSTALL, '/etc/systemd/system/adf-agents.slice');
    expect(slice.slice(slice.indexOf('[Slice]')).replaceAll(/^#.*\n/gm, '')).toBe(
      '[Slice]\nMemoryMax=85%\nTasksMax=80%\nCPUWeight=50\nIOWeight=50\n',
    );
  });

  it('gives the daemon two powers of root, each with its reason', () => {
    const unit = textOf(INSTALL, '/etc/systemd/system/adf.service');
    expect(unit).toMatch(/# KILL: signals to agents[^\n]*CHOWN: [^\n]*\nCapabilityBoundingSet=CAP_KILL CAP_CHOWN\n/);
  });

  it('reloads the manager after the last file and before a unit is enabled', () => {
    const said = INSTALL.map((step) => (step.kind === 'command' ? step.argv.slice(0, 2).join(' ') : step.kind));
    expect(said.indexOf('systemctl daemon-reload')).toBeGreaterThan(said.lastIndexOf('file'));
    expect(said.indexOf('systemctl enable')).toBeGreaterThan(said.indexOf('systemctl daemon-reload'));
  });
});

describe('upgrading', () => {
  it('adds a folder and removes none', () => {
    const steps = upgradeSteps(PLACE, PROGRAM);
    expect(steps).toContainEqual({ kind: 'program', from: PROGRAM.root, path: '/opt/dark-factory/1.2.3' });
    expect(steps.filter((step) => step.kind === 'absent')).toEqual([]);
  });

  it('restarts the daemon only where something changed, and touches no configuration', () => {
    const steps = upgradeSteps(PLACE, PROGRAM);
    expect(steps.at(-1)).toEqual({
      kind: 'command',
      argv: ['systemctl', 'try-restart', 'adf.service'],
      ifChanged: true,
    });
    expect(textOf(steps, PLACE.config)).toBe('');
  });
});

describe('uninstalling', () => {
  it('takes away every unit that installing wrote, and nothing that is a person’s', () => {
    const removed = uninstallSteps(PLACE).flatMap((step) => (step.kind === 'absent' ? [step.path] : []));
    const written = INSTALL.flatMap((step) => (step.kind === 'file' && !step.once ? [step.path] : []));
    expect(removed.toSorted()).toEqual([...written, PLACE.command].toSorted());
  });

  it('ends each unit only where it is still there, so that the same again changes nothing', () => {
    const ended = uninstallSteps(PLACE).filter((step) => step.kind === 'command' && !step.ifChanged);
    const ends = (unit: string, verb: readonly string[]) => ({
      kind: 'command',
      argv: ['systemctl', ...verb, unit],
      ifChanged: false,
      ifThere: `/etc/systemd/system/${unit}`,
    });
    expect(ended).toEqual([
      ends('adf-deadman.timer', ['disable', '--quiet', '--now']),
      ends('adf.service', ['disable', '--quiet', '--now']),
      // The folder of its socket outlives a stop.
      ends('adf.service', ['clean', '--what=runtime']),
    ]);
  });

  it('takes away the folders of inputs and workspaces only where they are empty', () => {
    const emptied = uninstallSteps(PLACE).filter(({ kind }) => kind === 'no_empty_folder');
    expect(emptied).toEqual([
      { kind: 'no_empty_folder', path: '/var/lib/adf-inputs' },
      { kind: 'no_empty_folder', path: '/var/lib/adf-workspaces' },
    ]);
  });
});
