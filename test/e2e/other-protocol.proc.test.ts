// An upgrade under which the keeper speaks another language: its agents go on, and nothing of them is lost.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createKeeperHost } from '../../src/adapters/keeper-client/host.ts';
import { Keeper } from '../../src/keeper/keeper.ts';
import { stateIdOf } from '../../src/os/state-id.ts';
import { waitFor } from '../support/keeper-rig.ts';
import { WholeFactory } from '../support/whole-factory.ts';

/** No daemon of ours speaks it. */
const OLD = 41;

const FLEET = `
[[agents]]
name = "waits"
layer = "Growth"
cli_tool = "sh"
task = "echo began >>began; while [ ! -e go ]; do sleep 0.02; done; exit 7"

[[agents]]
name = "quick"
layer = "Growth"
cli_tool = "sh"
task = "true"
`;

interface RunJson {
  readonly id: string;
  readonly state: string;
  readonly exit: { readonly code: number | null } | null;
}

it('is followed by its record; new attempts go to a keeper that is understood', { timeout: 60_000 }, async () => {
  await using factory = await WholeFactory.start(FLEET);
  await factory.end();
  const stateDir = join(factory.dir, '.adf');
  const folder = join(stateDir, 'keeper/0-old');
  const old = { folder, id: '0-old', stateId: stateIdOf(stateDir), version: '0.0', protocol: OLD, idleMs: 100 };
  new Keeper(old).listen();
  await waitFor(() => existsSync(join(folder, 'lock')));
  const runs = async (): Promise<readonly RunJson[]> =>
    JSON.parse((await factory.adf('runs', '--json')).out) as readonly RunJson[];

  await factory.restart({ host: createKeeperHost({ stateDir, version: '0.0', speaks: [OLD] }) });
  expect((await factory.adf('run', 'waits')).code).toBe(0);
  await factory.file('began');
  expect(await factory.leave()).toBe(0);
  await factory.restart({ host: createKeeperHost({ stateDir, version: '0.1' }) });

  expect(await runs()).toMatchObject([{ state: 'running' }]);
  expect((await factory.adf('run', 'quick', '--wait')).code).toBe(0);
  writeFileSync(join(factory.dir, 'go'), '');
  await factory.fact('run.ended', (fact) => fact.outcome.kind === 'failed');
  expect(await runs()).toMatchObject([
    { state: 'ended', exit: { code: 0 } },
    { state: 'ended', exit: { code: 7 } },
  ]);
  await factory.file('.adf/keeper/0-old/lock', false);
});
