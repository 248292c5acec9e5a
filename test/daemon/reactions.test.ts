import { afterEach, describe, expect, it } from 'vitest';
import { adoptConfiguration, preparePauseDir } from '../../src/daemon/breaker-upkeep.ts';
import type { ProjectId } from '../../src/core/ids.ts';
import type { Outcome } from '../../src/core/run/outcome.ts';
import { personFlagText } from '../../src/core/pause/flag-text.ts';
import { endTimedPauses, observeFactoryFlag } from '../../src/daemon/person-flags.ts';
import { FakeFlags } from '../support/fake-flags.ts';
import { ReactionHouse } from '../support/reaction-house.ts';

const HOUR = 3_600_000;
const SANDBOX = 'sandbox' as ProjectId;
const META = 'sandbox/project-meta';
const FAILED: Outcome = { kind: 'failed', class: 'agent_failure', reason: 'exit 1' };
const NO_LOGIN: Outcome = { kind: 'failed', class: 'auth', reason: 'not logged in' };
const OK: Outcome = { kind: 'succeeded' };

const TOML = `
[[projects]]
id = "sandbox"
working_dir = "/repo"
[projects.breaker]
auto_resume_after = "4h"

[[agents]]
name = "project-meta"
project = "sandbox"
layer = "Growth"
cli_tool = "sh"
task = "true"

[[agents]]
name = "developer"
project = "sandbox"
layer = "Growth"
cli_tool = "sh"
task = "true"

[[agents]]
name = "sentinel"
layer = "Safety"
cli_tool = "sh"
task = "true"
`;

let house: ReactionHouse;

function make(): ReactionHouse {
  house = new ReactionHouse(TOML);
  return house;
}

async function opened(): Promise<ReactionHouse> {
  make();
  for (let failures = 0; failures < 3; failures += 1) {
    house.end(META, FAILED);
  }
  await house.carryOut();
  return house;
}

const look = (): void => house.commit((note) => house.breakers.look(house.pauseFlags.now.names(), note));

afterEach(() => house.ledger.close());

describe('failures of a meta agent', () => {
  it('write one flag and open one issue that says what to do', async () => {
    await opened();
    house.end(META, FAILED);
    await house.carryOut();
    expect(house.pauseFlags.now.stat('sandbox')).toMatchObject({ kind: 'present' });
    expect(house.issues()).toMatchObject([
      { title: '[ADF] project sandbox paused: agent_failure ×3 (project-meta)', state: 'open' },
    ]);
    expect(house.issues()[0]?.body).toContain('rm /state/pause/sandbox');
    expect(house.breakers.flag(SANDBOX)).toMatchObject({ kind: 'present', owner: 'breaker' });
  });

  it('come back through a probe after the removal of the flag, and close the issue with its success', async () => {
    await opened();
    house.pauseFlags.now.removeByHand('sandbox');
    look();
    const [probe] = house.waiting(META);
    expect(probe?.trigger).toMatchObject({ kind: 'probe', number: 1 });
    house.end(META, OK, { run: probe! });
    await house.carryOut();
    expect(house.breakers.state(SANDBOX).kind).toBe('closed');
    expect(house.issues()).toMatchObject([{ state: 'closed' }]);
  });

  it('ask for another probe when one was refused somewhere', async () => {
    await opened();
    house.pauseFlags.now.removeByHand('sandbox');
    look();
    const [probe] = house.waiting(META);
    house.ledger.runs.update(probe!.id, { state: 'ended', outcome: { kind: 'refused', reasons: [] } });
    look();
    expect(house.waiting(META)).toEqual([]);
    house.clock.advance(600_000);
    look();
    expect(house.waiting(META)).toMatchObject([{ trigger: { kind: 'probe', number: 2 } }]);
  });

  it("leave a person's flag, and the project paused by it", async () => {
    make().pauseFlags.now.touchByHand('sandbox');
    for (let failures = 0; failures < 3; failures += 1) {
      house.end(META, FAILED);
    }
    await house.carryOut();
    expect(house.pauseFlags.now.stat('sandbox')).toMatchObject({ text: '' });
    expect(house.breakers.flag(SANDBOX)).toMatchObject({ owner: 'human' });
    expect(house.breakers.state(SANDBOX).kind).toBe('half_open');
  });

  it('that do not count open an escalation without a pause, closed by the next success', async () => {
    make();
    for (let attempts = 0; attempts < 3; attempts += 1) {
      house.end(META, NO_LOGIN);
    }
    await house.carryOut();
    expect(house.pauseFlags.now.stat('sandbox').kind).toBe('absent');
    expect(house.issues()).toMatchObject([
      { title: '[ADF] agent sandbox/project-meta does not succeed: auth ×3 (project sandbox)', state: 'open' },
    ]);
    house.end(META, OK);
    await house.carryOut();
    expect(house.issues()).toMatchObject([{ state: 'closed' }]);
  });
});

describe('a flag that cannot be written', () => {
  it('holds the project all the same, and is an issue of its own until it can', async () => {
    make().pauseFlags.now.failure = 'EACCES: permission denied';
    for (let failures = 0; failures < 3; failures += 1) {
      house.end(META, FAILED);
    }
    await house.carryOut();
    expect(house.breakers.stand(SANDBOX).kind).toBe('open');
    expect(house.issues().map((issue) => issue.title)).toContain(
      '[ADF] project sandbox is stopped, but its pause flag cannot be written: agent_failure ×3 (project-meta)',
    );
    house.pauseFlags.now.failure = null;
    house.ledger.outbox.unpark('flag', house.clock.now());
    await house.carryOut();
    expect(house.pauseFlags.now.stat('sandbox').kind).toBe('present');
    expect(house.issues().filter((issue) => issue.state === 'open')).toHaveLength(1);
  });
});

describe('what changes under a breaker', () => {
  it('pause_dir moves: the flag is written there before its absence means anything', async () => {
    await opened();
    house.commit((note) => adoptConfiguration(house, house.breakers, note));
    house.pauseFlags.now = new FakeFlags('/elsewhere/pause');
    house.commit((note) => adoptConfiguration(house, house.breakers, note));
    look();
    expect(house.breakers.state(SANDBOX).kind).toBe('open');
    await house.carryOut();
    expect(house.pauseFlags.now.stat('sandbox').kind).toBe('present');
    look();
    expect(house.breakers.state(SANDBOX).kind).toBe('open');
  });

  it('pause_dir vanishes while the factory is down: it is not made anew, and everything stays paused', () => {
    make();
    preparePauseDir(house);
    house.commit((note) => adoptConfiguration(house, house.breakers, note));
    house.pauseFlags.now.vanish();
    preparePauseDir(house);
    expect(house.breakers.flag(SANDBOX).kind).toBe('unknown');
    expect(house.breakers.factoryFlag().kind).toBe('unknown');
  });

  it.each([72 * HOUR, -HOUR])('the clock steps by %i ms: nothing is lifted early or late', async (byMs) => {
    await opened();
    const follow = (): void => house.commit((note) => house.breakers.followClock(note));
    follow();
    house.clock.offsetMs += byMs;
    follow();
    house.clock.advance(4 * HOUR - 1);
    look();
    expect(house.breakers.state(SANDBOX).kind).toBe('open');
    house.clock.advance(1);
    look();
    expect(house.breakers.state(SANDBOX).kind).toBe('half_open');
    await house.carryOut();
    expect(house.pauseFlags.now.stat('sandbox').kind).toBe('absent');
  });
});

describe('flags of people', () => {
  const end = async (): Promise<boolean> => endTimedPauses(house, house, house.pauseFlags.now.names());
  const pauseFor = async (name: string, forMs: number): Promise<void> => {
    const at = house.clock.now();
    const path = house.pauseFlags.now.path(name);
    const text = personFlagText({ by: 'alice', reason: null, at, until: at + forMs }, { name, path });
    await house.pauseFlags.now.touchPauseFlag({ name, text, own: null });
    house.commit((note) => {
      house.breakers.look(house.pauseFlags.now.names(), note);
      observeFactoryFlag(house, note);
    });
  };

  it.each(['sandbox', '__all__'])('%s: is removed when its time is over, and not before', async (name) => {
    make();
    await pauseFor(name, HOUR);
    house.clock.advance(HOUR - 1);
    expect(await end()).toBe(false);
    house.clock.advance(1);
    expect(await end()).toBe(true);
    expect(house.pauseFlags.now.stat(name).kind).toBe('absent');
    expect(house.facts.filter((fact) => fact.kind.startsWith('pause.'))).toMatchObject([
      { kind: 'pause.set', flag: name, owner: 'human' },
      { kind: 'pause.lifted', flag: name, by: 'the end of adf pause --for' },
    ]);
  });

  it('stays when its words are gone or promise no end', async () => {
    make().pauseFlags.now.touchByHand('sandbox');
    house.clock.advance(1000 * HOUR);
    expect(await end()).toBe(false);
    expect(house.pauseFlags.now.stat('sandbox').kind).toBe('present');
  });

  it('stays when it is the flag of an open breaker', async () => {
    await opened();
    house.clock.advance(1000 * HOUR);
    expect(await end()).toBe(false);
  });
});

describe('failures of an agent that the breaker does not count', () => {
  it('hold that agent alone, with an issue that ends with its success after a release', async () => {
    make();
    for (let failures = 0; failures < 5; failures += 1) {
      house.end('sandbox/developer', FAILED);
    }
    await house.carryOut();
    const developer = house.fleet.now.agents.find((agent) => agent.name === 'developer')!.key;
    expect(house.quarantines.of(developer)?.reason).toContain('5 failures of its own in a row');
    expect(house.breakers.state(SANDBOX).kind).toBe('closed');
    expect(house.issues()).toMatchObject([
      { title: '[ADF] agent sandbox/developer quarantined: agent_failure ×5 (project sandbox)', state: 'open' },
    ]);
    expect(house.commit((note) => house.quarantines.release(developer, 'alice', note))).toBe(true);
    expect(house.quarantines.of(developer)).toBeNull();
    house.end('sandbox/developer', OK);
    await house.carryOut();
    expect(house.issues()).toMatchObject([{ state: 'closed' }]);
  });
});

describe('a Safety agent', () => {
  const safety = { kind: 'safety', replica: 0 } as const;

  it('is wished for again after each end, later each time', () => {
    make();
    const waits = [1, 2, 3].map(() => {
      const now = house.clock.now();
      const run = house.waiting('sentinel')[0] ?? house.request('sentinel', safety);
      house.end('sentinel', OK, { run });
      return house.waiting('sentinel')[0]!.notBefore - now;
    });
    expect(waits).toEqual([500, 1000, 2000]);
  });

  it('is held when it ends quickly ten times, and begins anew after a release', async () => {
    make();
    for (let ends = 0; ends < 10; ends += 1) {
      house.end('sentinel', OK, { run: house.waiting('sentinel')[0] ?? house.request('sentinel', safety) });
    }
    await house.carryOut();
    const { key } = house.fleet.now.agents.find((agent) => agent.name === 'sentinel')!;
    expect(house.quarantines.of(key)?.reason).toContain('ended quickly 10 times');
    expect(house.issues()[0]?.title).toContain('[ADF] agent sentinel quarantined');
    expect(house.waiting('sentinel')).toHaveLength(1);
    house.commit((note) => house.quarantines.release(key, 'alice', note));
    house.end('sentinel', FAILED, { run: house.waiting('sentinel')[0]! });
    expect(house.quarantines.of(key)).toBeNull();
    house.end('sentinel', FAILED, { run: house.waiting('sentinel')[0]!, ranMs: 60_000 });
    await house.carryOut();
    expect(house.issues()).toMatchObject([{ state: 'closed' }]);
  });
});
