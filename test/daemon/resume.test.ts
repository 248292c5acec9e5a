// What an operator decides about a pause reaches the breaker, also where no flag is there yet; and what nobody could be told is shown.

import { afterEach, describe, expect, it } from 'vitest';
import { DaemonRig } from '../support/daemon-rig.ts';
import { metaOf, sandboxFleet } from '../support/sandbox-fleet.ts';

const TOML = sandboxFleet(['sandbox'], { extra: 'breaker = { threshold = 1 }' });
const MINUTE = 60_000;

let rig: DaemonRig;
afterEach(() => rig.dispose());

async function trip(): Promise<void> {
  rig.breaks(metaOf('sandbox'));
  await rig.run(metaOf('sandbox'));
}

const resume = async (): Promise<unknown> => rig.command(async (control) => control.resumed('sandbox', 'eva'));
const state = (): unknown => (rig.ledger.states.get('breaker', 'sandbox') as { readonly kind: string }).kind;

describe('adf resume', () => {
  it('lifts a pause whose flag cannot be written, and leaves no flag once it can', async () => {
    rig = await DaemonRig.start({ toml: TOML });
    rig.flags.failure = 'read-only file system';
    await trip();
    await rig.until(() => rig.factsOf('escalation.opened').length > 0);
    expect(await resume()).toEqual({ resumed: true });
    expect(state()).toBe('half_open');
    rig.flags.failure = null;
    rig.breaks(metaOf('sandbox'), false);
    await rig.pass(10 * MINUTE);
    expect(rig.hasFlag('sandbox')).toBe(false);
    expect([state(), rig.factsOf('breaker.opened').length]).toEqual(['closed', 1]);
  });

  it('changes nothing where nothing is paused', async () => {
    rig = await DaemonRig.start({ toml: TOML });
    expect(await resume()).toEqual({ resumed: false });
    expect(rig.factsOf('pause.lifted')).toEqual([]);
  });
});

describe('what nobody could be told', () => {
  it('is a warning of adf why for the agents of the project, and for no others', async () => {
    rig = await DaemonRig.start({ toml: sandboxFleet(['sandbox', 'web'], { extra: 'breaker = { threshold = 1 }' }) });
    rig.issues.strike({ kind: 'fail', failure: { permanent: true, status: 403, message: 'no write access' } });
    await trip();
    await rig.quiet();
    const why = async (name: string): Promise<unknown> => rig.command(async (control) => control.why(name));
    expect(await why('developer-sandbox')).toMatchObject({ warnings: ['tracker: no write access'] });
    expect(await why('developer-sandbox')).toHaveProperty('commands', expect.arrayContaining(['adf outbox']));
    expect(await why('developer-web')).toMatchObject({ warnings: [] });
  });
});

describe('a file in pause_dir that names no project', () => {
  it.each(['fake', 'file'] as const)('is told within a second, once, with the nearest id (%s flags)', async (flags) => {
    rig = await DaemonRig.start({ toml: TOML, flags });
    rig.setFlag('sandbax', true);
    rig.setFlag('.hidden', true);
    rig.setFlag('sandbox~', true);
    await rig.pass(1_000);
    expect(rig.factsOf('flag.unknown')).toMatchObject([{ flag: 'sandbax', nearest: 'sandbox' }]);
    await rig.pass(5_000);
    expect(rig.factsOf('flag.unknown')).toHaveLength(1);
    const status = await rig.command(async (control) => control.status());
    expect(status?.attention).toContainEqual({
      text: 'flag "sandbax" pauses nothing; did you mean "sandbox"?',
      command: expect.stringContaining('sandbax') as unknown,
    });
  });
});
