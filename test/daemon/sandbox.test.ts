// Which sandbox an agent is started in, and that none starts without the one that it was promised.

import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DaemonRig } from '../support/daemon-rig.ts';

const TOML = `
[factory]
state_dir = "/state"
pause_dir = "/pause"
socket = "/run/adf.sock"

[secrets]
env_file = "/etc/adf/env"
files = { NPM_TOKEN = "credential:npm" }

[[projects]]
id = "web"
working_dir = "/srv/web"
sandbox = "standard"

[[projects]]
id = "api"
working_dir = "/srv/api"

[[projects]]
id = "same"
working_dir = "/srv/web"

[[agents]]
name = "plain"
project = "web"
layer = "Growth"
cli_tool = "claude"
working_dir = "/srv/web/ui"

[[agents]]
name = "closed"
project = "api"
layer = "Growth"
cli_tool = "true"
sandbox = "strict"

[[agents]]
name = "listed"
project = "api"
layer = "Growth"
cli_tool = "true"
sandbox = "strict"
allowed_addresses = ["10.0.0.0/8", "::1"]

[[agents]]
name = "open"
project = "web"
layer = "Growth"
cli_tool = "true"
sandbox = "off"
`;

let rig: DaemonRig;
afterEach(async () => rig.dispose());

const sandboxOf = (): unknown => rig.host.starts.at(-1)?.spec.sandbox;

describe('the sandbox of an agent', () => {
  it.each([
    ['plain', 'standard', ['/srv/web/ui', '/srv/web'], ['/srv/api'], null],
    ['closed', 'strict', ['/srv/api'], ['/srv/web'], []],
    ['listed', 'strict', ['/srv/api'], ['/srv/web'], ['10.0.0.0/8', '::1']],
  ] as const)('%s: %s', async (...[name, level, writable, others, addresses]) => {
    rig = await DaemonRig.start({ toml: TOML });
    await rig.run(name);

    expect(sandboxOf()).toEqual({
      level,
      writable,
      readable: [],
      hidden: [
        '/state',
        '/state-inputs',
        join(rig.dir, 'workspaces'),
        '/pause',
        '/run/adf.sock',
        '/etc/adf/env',
        ...others,
      ],
      addresses,
    });
  });

  it('keeps home and login of its project open to it, and closed to all others', async () => {
    const own = 'id = "web"\nhome = "/homes/web"\ncredentials = { claude = "/logins/one", spare = "/logins/two" }';
    rig = await DaemonRig.start({ toml: TOML.replace('id = "web"', own) });
    await rig.run('plain');
    expect(sandboxOf()).toMatchObject({ writable: ['/srv/web/ui', '/srv/web', '/homes/web', '/logins/one'] });
    expect(rig.host.starts.at(-1)?.spec.env).toMatchObject({ HOME: '/homes/web', CLAUDE_CONFIG_DIR: '/logins/one' });

    await rig.run('closed');
    const others = ['/srv/web', '/homes/web', '/logins/one', '/logins/two'];
    expect(sandboxOf()).toMatchObject({ hidden: expect.arrayContaining(others) as unknown, writable: ['/srv/api'] });
    expect(rig.host.starts.at(-1)?.spec.env).not.toHaveProperty('CLAUDE_CONFIG_DIR');
  });

  it.each([
    ['its own project', 'web', '/data/web', false],
    ['another project', 'api', '/data/api', true],
    ['another project, in its folder, which is hidden', 'api', '/srv/api/tools', false],
    ['another project, around its own', 'api', '/srv', false],
    ['another project, inside its own', 'api', '/srv/web/docs', false],
    ['another project, where everybody works', 'api', '/tmp', false],
    ['another project, where everybody works for longer', 'api', '/var/tmp', false],
    ['no project', null, '/data/all', true],
  ])('hides where an agent of %s works', async (...[, project, dir, isHidden]) => {
    const line = project === null ? '' : `project = "${project}"\n`;
    const toml = `${TOML}\n[[agents]]\nname = "other"\n${line}layer = "Growth"\ncli_tool = "true"\nworking_dir = "${dir}"\n`;
    rig = await DaemonRig.start({ toml });
    await rig.run('plain');

    const hidden = rig.host.starts.at(-1)?.spec.sandbox?.hidden ?? [];
    expect(hidden.includes(dir)).toBe(isHidden);
  });

  it('lets a run write in its own workspace, and what makes that in those of its project', async () => {
    const toml = TOML.replace('[[agents]]\nname = "closed"', '[[agents]]\nworkspace = "worktree"\nname = "closed"');
    rig = await DaemonRig.start({ toml });
    await rig.run('closed');
    await rig.until(() => rig.factsOf('workspace.gone').length === 1);

    const home = join(rig.dir, 'workspaces/api');
    const path = rig.factsOf('workspace.gone')[0]?.path;
    const writable = rig.host.starts.map(({ spec }) => spec.sandbox?.writable);
    expect(writable).toEqual([
      ['/srv/api', home],
      ['/srv/api', path],
      ['/srv/api', home],
    ]);
  });

  it.each([
    ['worktree', [null, [], []]],
    ['copy', [[], [], []]],
  ])('lets what makes a %s fetch from its origin, and the agent speak to nobody', async (kind, addresses) => {
    const toml = TOML.replace('[[agents]]\nname = "closed"', `[[agents]]\nworkspace = "${kind}"\nname = "closed"`);
    rig = await DaemonRig.start({ toml });
    rig.script('api/closed', (run) => ({ endsAfterMs: 0, code: run.state === 'starting' ? 1 : 0, output: 'KiB 4\n' }));
    await rig.run('closed');
    await rig.until(() => rig.factsOf('workspace.kept').length === 1);

    expect(rig.host.starts.map(({ spec }) => spec.sandbox?.addresses)).toEqual(addresses);
  });

  it('is none where the agent says so, whatever its project says', async () => {
    rig = await DaemonRig.start({ toml: TOML });
    await rig.run('open');

    expect(sandboxOf()).toBeNull();
  });

  it.each([
    ['standard', 'plain'],
    ['strict', 'closed'],
    ['addresses', 'listed'],
  ] as const)('that cannot be had (%s) starts nothing, and says why', async (missing, name) => {
    rig = await DaemonRig.start({ toml: TOML });
    rig.host.sandboxes = { ...rig.host.sandboxes, [missing]: 'it is not there' };
    const run = await rig.run(name);

    expect(run?.outcome).toEqual({
      kind: 'refused',
      reasons: [
        {
          code: 'sandbox.unavailable',
          text: `sandbox = "${name === 'plain' ? 'standard' : 'strict'}" cannot be had here: it is not there`,
          numbers: {},
        },
      ],
    });
    expect((await rig.run('open'))?.outcome).toEqual({ kind: 'succeeded' });
    expect(rig.host.starts).toHaveLength(1);
  });

  it.each([
    ['some agent has one', TOML, true],
    ['none has', TOML.replace('allowed_addresses = ["10.0.0.0/8", "::1"]', ''), false],
  ])('has lists of addresses tried where %s', async (_, toml, isTried) => {
    rig = await DaemonRig.start({ toml });
    await rig.run('closed');

    expect(rig.host.addressesAsked).toBe(isTried);
  });

  it('is asked for again directly before the start', async () => {
    rig = await DaemonRig.start({
      toml: TOML.replace(
        'cli_tool = "true"\nsandbox = "strict"\n\n',
        'cli_tool = "true"\nsecrets = ["NPM_TOKEN"]\nsandbox = "strict"\n\n',
      ),
    });
    let looks = 0;
    rig.whileLooking = async () => {
      looks += 1;
      rig.host.sandboxes = { ...rig.host.sandboxes, strict: looks > 1 ? 'it is gone' : null };
      return Promise.resolve();
    };
    const run = await rig.run('closed');

    expect(run?.outcome).toMatchObject({ kind: 'refused', reasons: [{ code: 'sandbox.unavailable' }] });
    expect(rig.host.starts).toEqual([]);
  });
});
