// Builds breakers for tests: a rule, a clock, incident numbers, and the last transition's effects at hand.

import { transition } from '../../src/core/breaker/breaker.ts';
import type { BreakerEvent, Effect } from '../../src/core/breaker/event.ts';
import type { FailedRun } from '../../src/core/breaker/failure-count.ts';
import { NEW_BREAKER, readBreaker } from '../../src/core/breaker/state.ts';
import type { BreakerState } from '../../src/core/breaker/state.ts';
import type { BreakerRule } from '../../src/core/fleet.ts';
import { agentKey } from '../../src/core/ids.ts';
import type { AgentKey, ProjectId, RunId } from '../../src/core/ids.ts';
import type { FailureClass, Outcome } from '../../src/core/run/outcome.ts';

export const SANDBOX = 'sandbox' as ProjectId;
export const META = agentKey(SANDBOX, 'project-meta-sandbox');
export const OTHER_META = agentKey(SANDBOX, 'project-meta');

/** The default rule with `changes`. */
export function breakerRule(changes: Partial<BreakerRule> = {}): BreakerRule {
  return {
    threshold: 3,
    agents: ['project-meta', 'project-meta-*'],
    sameClass: null,
    probeAfterMs: 600_000,
    probeFirst: false,
    autoResumeAfterMs: null,
    pauseStopsRunning: false,
    ...changes,
  };
}

/** A breaker that is told events one by one; each state goes through JSON, as the ledger would send it. */
export class BreakerWorld {
  state: BreakerState = NEW_BREAKER;
  now = 1_763_721_045_000;
  rule: BreakerRule;
  /** Effects of the newest event. */
  effects: readonly Effect[] = [];
  #incidents = 0;
  #runs = 0;

  constructor(rule: Partial<BreakerRule> = {}) {
    this.rule = breakerRule(rule);
  }

  tell(event: BreakerEvent): this {
    this.#incidents += 1;
    const next = transition(this.state, event, {
      project: SANDBOX,
      now: this.now,
      rule: this.rule,
      freshIncident: `i${this.#incidents}`,
      configHash: 'c0ffee',
    });
    this.state = readBreaker(JSON.stringify(next.state));
    this.effects = next.effects;
    return this;
  }

  fail(agent: AgentKey = META, failureClass: FailureClass = 'agent_failure'): this {
    return this.tell({ kind: 'counted_failure', failure: this.failure(agent, failureClass) });
  }

  succeed(agent: AgentKey = META): this {
    return this.tell({ kind: 'counted_success', run: this.#nextRun(), agent });
  }

  endUncounted(agent: AgentKey = META): this {
    return this.tell({ kind: 'uncounted_end', attempt: this.failure(agent, 'auth') });
  }

  /** Fails until it is open, then lets the outbox write the flag. */
  open(): this {
    for (let failures = 0; failures < Math.max(1, this.rule.threshold); failures += 1) {
      this.fail();
    }
    return this.writeFlag();
  }

  writeFlag(mtimeNs = `${this.now}000000`): this {
    const incident = this.incident();
    return this.tell({
      kind: 'flag_written',
      incident: incident.id,
      writes: incident.writes,
      path: FLAG_PATH,
      mtimeNs,
    });
  }

  incident(): Extract<BreakerState, { kind: 'open' }>['incident'] {
    if (this.state.kind === 'closed' || this.state.incident === null) {
      throw new Error(`no incident while ${this.state.kind}`);
    }
    return this.state.incident;
  }

  kinds(): readonly string[] {
    return this.effects.map((effect) => (effect.kind === 'fact' ? effect.fact.kind : effect.kind));
  }

  failure(agent: AgentKey = META, failureClass: FailureClass = 'agent_failure'): FailedRun {
    const outcome = { kind: 'failed', class: failureClass, reason: 'exit 1' } as const;
    return evidenceOf({ run: this.#nextRun(), agent, outcome, endedAt: this.now });
  }

  #nextRun(): RunId {
    this.#runs += 1;
    return `r${this.#runs}` as RunId;
  }
}

export const FLAG_PATH = '/state/pause/sandbox';

/** What is kept of a run that ended with `outcome`. */
export function evidenceOf(end: {
  readonly run: RunId;
  readonly agent: AgentKey;
  readonly outcome: Outcome;
  readonly endedAt: number;
}): FailedRun {
  return {
    run: end.run,
    agent: end.agent,
    outcome: end.outcome,
    exit: 'exit 1',
    endedAt: end.endedAt,
    tookMs: 104,
    lastLine: 'break-me exists: failing as asked',
    configHash: 'c0ffee',
  };
}
