// Watching an attempt outlives every look that failed: the next one comes, and a stop that was not taken is asked for again.

import { afterEach, describe, expect, it } from 'vitest';
import type { RunId } from '../../src/core/ids.ts';
import { OperationalError } from '../../src/lib/operational-error.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import { twoAgents, WORKER } from '../support/two-agents.ts';

const STALL_MS = 300_000;

let rig: DaemonRig;
afterEach(() => rig.dispose());

/** A claude agent that says nothing, for which it is stopped after five minutes at most. */
async function silent(): Promise<RunId> {
  rig = await DaemonRig.start({
    toml: twoAgents({ worker: 'cli_tool = "claude"\nstall_timeout = "5m"\nretry = { max = 0 }' }),
  });
  rig.script(WORKER, { codeWhenAsked: 0 });
  const asked = await rig.ask(WORKER);
  await rig.until(() => rig.host.live().length === 1);
  return asked?.run.id as RunId;
}

async function outcomeOf(id: RunId): Promise<unknown> {
  return rig.until(() => rig.ledger.runs.get(id)?.outcome, 2 * STALL_MS);
}

describe('a look that fails', () => {
  it('is followed by the next one: the output could not be opened for a while', async () => {
    const id = await silent();
    const { files } = rig.house;
    const size = files.size.bind(files);
    files.size = async () =>
      Promise.reject(Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' }));
    await rig.pass(2000);
    expect(rig.warnings[0]).toMatch(/^the output of r101\.1 cannot be read.*EMFILE/);
    files.size = size;
    expect(await outcomeOf(id)).toMatchObject({ kind: 'stalled' });
  });

  it('is followed by the next one: the host did not take the stop', async () => {
    const id = await silent();
    const stop = rig.host.stop.bind(rig.host);
    let refused = 0;
    rig.host.stop = async (...asked) => {
      refused += 1;
      return refused < 3 ? Promise.reject(new OperationalError('host', 'the keeper is gone')) : stop(...asked);
    };
    expect(await outcomeOf(id)).toMatchObject({ kind: 'stalled' });
    expect([refused, rig.warnings]).toEqual([3, ['the keeper is gone', 'the keeper is gone']]);
  });

  it('is the last one when the attempt has ended meanwhile', async () => {
    const id = await silent();
    const { files } = rig.house;
    const size = files.size.bind(files);
    files.size = async () => {
      files.size = size;
      rig.host.exitAll({ code: 0 });
      return Promise.reject(new OperationalError('output', 'gone'));
    };
    await outcomeOf(id);
    await rig.pass(STALL_MS * 3);
    expect([rig.warnings, rig.host.stops]).toEqual([['gone'], []]);
  });
});
