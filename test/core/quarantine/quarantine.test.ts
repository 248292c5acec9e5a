import { describe, expect, it } from 'vitest';
import { outboxPlace } from '../../../src/core/breaker/effect.ts';
import {
  NOT_QUARANTINED,
  QUARANTINE_FAILURES,
  QUARANTINE_WINDOW_MS,
  isOwnFailure,
  quarantineAfter,
  quarantineStand,
  readQuarantine,
} from '../../../src/core/quarantine/quarantine.ts';
import type { Quarantine, QuarantineChange, QuarantineEvent } from '../../../src/core/quarantine/quarantine.ts';
import type { RunId } from '../../../src/core/ids.ts';
import type { FailureClass, Outcome } from '../../../src/core/run/outcome.ts';
import { META, SANDBOX, evidenceOf } from '../../support/breaker-world.ts';

const NOW = 1_763_721_045_000;

/** One agent that is told events; each state goes through JSON. */
class Agent {
  state: Quarantine = NOT_QUARANTINED;
  now = NOW;
  effects: QuarantineChange['effects'] = [];
  #count = 0;

  tell(event: QuarantineEvent): this {
    this.#count += 1;
    const change = quarantineAfter(this.state, event, {
      agent: META,
      now: this.now,
      freshIncident: `q${this.#count}`,
      configHash: 'c0ffee',
    });
    this.state = readQuarantine(JSON.parse(JSON.stringify(change.state)));
    this.effects = change.effects;
    return this;
  }

  fail(times = 1): this {
    for (let count = 0; count < times; count += 1) {
      const outcome: Outcome = { kind: 'failed', class: 'agent_failure', reason: 'exit 1' };
      const run = `r${this.#count}` as RunId;
      this.tell({ kind: 'failure', failure: evidenceOf({ run, agent: META, outcome, endedAt: this.now }) });
    }
    return this;
  }

  succeed(): this {
    return this.tell({ kind: 'success', run: `r${this.#count}` as RunId });
  }

  kinds(): readonly string[] {
    return this.effects.map((effect) => (effect.kind === 'fact' ? effect.fact.kind : effect.kind));
  }
}

describe('quarantine of an agent', () => {
  it('begins with the fifth failure in a row and opens one issue', () => {
    const agent = new Agent().fail(QUARANTINE_FAILURES - 1);
    expect(quarantineStand(agent.state)).toBeNull();
    expect(agent.fail().kinds()).toEqual(['quarantine.opened', 'open_issue']);
    expect(quarantineStand(agent.state)).toEqual({
      reason: '5 failures of its own in a row within 7 d, the last one agent_failure',
      until: null,
    });
    expect(agent.fail(3).effects).toEqual([]);
  });

  it('does not begin when a success lies between', () => {
    expect(new Agent().fail(4).succeed().fail(4).state.kind).toBe('free');
  });

  it.each([
    [QUARANTINE_WINDOW_MS - 1, 'held'],
    [QUARANTINE_WINDOW_MS, 'free'],
  ])('counts a failure that is %i ms old or not: %s', (ageMs, kind) => {
    const agent = new Agent().fail();
    agent.now += ageMs;
    expect(agent.fail(4).state.kind).toBe(kind);
  });

  it('holds at once what restarted too often, with the reason', () => {
    const reason = { kind: 'restarts_too_often', ends: 10, windowMs: 600_000, lastEnding: 'succeeded' } as const;
    const agent = new Agent().tell({ kind: 'hold', reason, failure: null });
    expect(agent.kinds()).toEqual(['quarantine.opened', 'open_issue']);
    expect(quarantineStand(agent.state)?.reason).toBe('ended quickly 10 times within 10 min, the last time succeeded');
  });

  it('ends its issue with the first success after a release', () => {
    const agent = new Agent().fail(5).tell({ kind: 'release', by: 'alice' });
    expect(quarantineStand(agent.state)).toBeNull();
    expect(agent.kinds()).toEqual(['quarantine.released', 'comment']);
    expect(agent.succeed().kinds()).toEqual(['close_issue']);
    expect(agent.state).toMatchObject({ kind: 'free', last: { id: 'q5' } });
  });

  it('goes on with the first failure after a release, with the same issue', () => {
    const agent = new Agent().fail(5).tell({ kind: 'release', by: 'alice' }).fail();
    expect(agent.kinds()).toEqual(['quarantine.opened', 'reopen_issue', 'comment']);
    expect(agent.state).toMatchObject({ kind: 'held', holds: 2, incident: { id: 'q5' } });
    expect(quarantineStand(agent.state)?.reason).toBe('failed again after it was released: agent_failure');
  });

  it('links the issue before in the next one', () => {
    const agent = new Agent().fail(5).tell({ kind: 'release', by: 'alice' }).succeed();
    agent.tell({ kind: 'issue_opened', incident: 'q5', issue: { number: 7, url: null } }).fail(5);
    const opened = agent.effects.find((effect) => effect.kind === 'open_issue');
    expect(opened).toMatchObject({ note: { previous: { id: 'q5', issue: { number: 7 } } } });
  });

  it('is not lifted by a run that began before it and succeeds', () => {
    expect(new Agent().fail(5).succeed().state.kind).toBe('held');
  });

  it('is released once', () => {
    expect(new Agent().tell({ kind: 'release', by: 'alice' }).effects).toEqual([]);
  });

  it('gives each wish of an incident its own place in one lane', () => {
    const agent = new Agent();
    const places = [agent.fail(5).effects, agent.tell({ kind: 'release', by: 'a' }).effects, agent.fail().effects]
      .flat()
      .map((effect) => (effect.kind === 'fact' ? null : outboxPlace(SANDBOX, effect)))
      .filter((place) => place !== null);
    expect(new Set(places.map((place) => place.naturalKey)).size).toBe(4);
    expect(new Set(places.map((place) => place.lane))).toEqual(new Set([`quarantine:${META}`]));
  });

  it('refuses a stored state of a newer version', () => {
    expect(() => readQuarantine({ version: 2 })).toThrow(expect.objectContaining({ code: 'quarantine.unreadable' }));
  });
});

describe("an agent's own failure", () => {
  it.each<[FailureClass, boolean, boolean]>([
    ['agent_failure', true, false],
    ['oom', true, false],
    ['own_limit', true, true],
    ['context', true, true],
    ['precheck', true, true],
    ['auth', false, false],
    ['overload', false, false],
    ['did_not_start', false, false],
  ])('is %s: %s, and %s when the breaker counts the agent', (failureClass, alone, counted) => {
    const outcome: Outcome = { kind: 'failed', class: failureClass, reason: '' };
    expect([isOwnFailure(outcome, false), isOwnFailure(outcome, true)]).toEqual([alone, counted]);
  });

  it.each<Outcome>([{ kind: 'succeeded' }, { kind: 'canceled', by: 'operator', reason: '' }])(
    'is not $kind',
    (outcome) => {
      expect(isOwnFailure(outcome, false)).toBe(false);
    },
  );
});
