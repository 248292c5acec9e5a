// Keeps which accounts of model providers are held, in the caller's transaction: by what attempts prove, never by agent.

import { totalOf } from '../core/budget/tokens.ts';
import type { AgentDefinition } from '../core/fleet.ts';
import type { RunId } from '../core/ids.ts';
import { holdAfter, mayStart, readHold, withCanary, withoutProof } from '../core/provider/hold.ts';
import type { AccountFailure, Hold } from '../core/provider/hold.ts';
import type { Snapshot } from '../core/admission/snapshot.ts';
import { LIVE_STATES } from '../core/run/lifecycle.ts';
import type { Outcome } from '../core/run/outcome.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import type { DriverVerdict } from '../ports/agent-driver.ts';
import type { House } from './house.ts';
import type { Note } from './recorder.ts';
import type { Retry } from './try-again.ts';

/** Before somebody else tries after a canary that proved nothing. */
const NO_PROOF_WAIT_MS = 10_000;
/** A run that met a used-up account so often is given up: its account never works for it. */
const MOST_WAITS = 100;

const ACCOUNT_FAILURES: ReadonlySet<string> = new Set<AccountFailure>(['auth', 'billing', 'quota', 'rate']);

/** The account and model of a start. */
export interface Account {
  /** Null: it uses none that we know. */
  readonly name: string | null;
  readonly model: string | null;
}

/** An attempt that ended, in the transaction that ends it. */
export interface EndOnAccount {
  readonly run: Run;
  readonly attempt: Attempt;
  readonly outcome: Outcome;
  readonly verdict: DriverVerdict | null;
  readonly note: Note;
}

/** Holds of all accounts. */
export class Holds {
  private readonly house: Pick<House, 'clock' | 'ledger' | 'fleet' | 'chance' | 'driverFor'>;

  constructor(house: Holds['house']) {
    this.house = house;
  }

  /** Every hold, by account. */
  all(): ReadonlyMap<string, Hold> {
    const names = [...this.house.ledger.states.all('hold').keys()];
    return new Map(names.flatMap((name) => asEntry(name, this.of(name))));
  }

  /** The account and model with which `agent` would start now: its own, or its fallback while that is held and the fallback is not. */
  accountOf(agent: AgentDefinition): Account {
    const driver = this.house.driverFor(agent.cliTool).name;
    const own = { name: agent.provider ?? (driver === 'exec' ? null : driver), model: agent.model };
    const { fallbackProvider } = agent;
    if (own.name === null || fallbackProvider === null || !this.isHeld(own.name) || this.isHeld(fallbackProvider)) {
      return own;
    }
    return { name: fallbackProvider, model: agent.fallbackModel ?? agent.model };
  }

  /** For the gate: what `run` may do on its account. */
  standOf(run: Run, agent: AgentDefinition): Snapshot['account'] {
    const { name } = this.accountOf(agent);
    const hold = name === null ? null : this.of(name);
    if (name === null || hold === null) {
      return null;
    }
    return { name, why: `${hold.class}: ${hold.evidence}`, answer: mayStart(hold, run.id, this.house.clock.now()) };
  }

  /** `run` was admitted: on an account whose time has come it is the one that tries. */
  admitted(run: Run, agent: AgentDefinition, note: Note): void {
    const stand = this.standOf(run, agent);
    const hold = stand === null ? null : this.of(stand.name);
    if (stand?.answer.kind === 'probe' && hold !== null && hold.canary !== run.id) {
      this.house.ledger.states.set('hold', stand.name, withCanary(hold, run.id));
      note({ kind: 'provider.probing', ...about(run), account: stand.name });
    }
  }

  /** `attempt` is the try of a held account. */
  isCanary(attempt: Attempt): boolean {
    return attempt.provider !== null && this.of(attempt.provider)?.canary === attempt.run;
  }

  /** The model answered `attempt`: if it was the try, its account works, long before the run has ended. */
  answered(attempt: Attempt, note: Note): void {
    if (attempt.provider !== null && this.isCanary(attempt)) {
      this.release(attempt.provider, note);
    }
  }

  /** What the end of an attempt proves of its account; the wait that the run is put back for where that is used up, else null. */
  ended(end: EndOnAccount): Retry | null {
    const { run, attempt, outcome } = end;
    const account = attempt.provider;
    if (account === null) {
      return null;
    }
    if (outcome.kind === 'failed' && isAccountFailure(outcome.class)) {
      const hold = this.hold(account, { ...end, class: outcome.class });
      return outcome.class === 'quota' && run.trigger.kind !== 'safety' && attempt.number < MOST_WAITS
        ? { kind: 'retry', at: hold.until, session: 'resume', reason: `${account} is used up: it waits for it` }
        : null;
    }
    const hold = this.of(account);
    if (hold?.canary === run.id) {
      this.canaryEnded(account, hold, end);
    }
    return null;
  }

  private canaryEnded(account: string, hold: Hold, { run, outcome, verdict, note }: EndOnAccount): void {
    const usage = verdict?.usage ?? null;
    if (outcome.kind === 'succeeded' || (usage !== null && (totalOf(usage) ?? 0) > 0)) {
      this.release(account, note);
      return;
    }
    const at = { now: this.house.clock.now(), waitMs: NO_PROOF_WAIT_MS };
    this.house.ledger.states.set('hold', account, withoutProof(hold, run.id, at));
  }

  private hold(account: string, end: EndOnAccount & { readonly class: AccountFailure }): Hold {
    const { ledger, clock, chance, fleet } = this.house;
    const { run, verdict, outcome } = end;
    const before = this.of(account);
    const hold = holdAfter(
      before,
      {
        run: run.id,
        class: end.class,
        evidence: 'reason' in outcome ? outcome.reason : end.class,
        resetAt: verdict?.resetAt ?? null,
        retryAfterMs: verdict?.retryAfterMs ?? null,
      },
      { now: clock.now(), chance: chance.random(), skewMs: fleet.now.factory.resetSkewMs },
    );
    ledger.states.set('hold', account, hold);
    if (before?.until !== hold.until) {
      const told = { account, class: hold.class, until: hold.until, reason: hold.evidence };
      end.note({ kind: 'provider.held', ...about(run), ...told });
    }
    return hold;
  }

  private release(account: string, note: Note): void {
    this.house.ledger.states.remove('hold', account);
    note({ kind: 'provider.released', account, reason: 'the model answered' });
  }

  /** The hold of `account`. A canary that is not under way any more holds up nobody. */
  private of(account: string): Hold | null {
    const hold = readHold(this.house.ledger.states.get('hold', account));
    if (hold === null || hold.canary === null) {
      return hold;
    }
    const run = this.house.ledger.runs.get(hold.canary as RunId);
    return run !== null && LIVE_STATES.includes(run.state) ? hold : { ...hold, canary: null };
  }

  /** Nobody but a canary may use it now. */
  private isHeld(account: string): boolean {
    return this.of(account) !== null;
  }
}

function asEntry(name: string, hold: Hold | null): readonly (readonly [string, Hold])[] {
  return hold === null ? [] : [[name, hold]];
}

function isAccountFailure(failure: string): failure is AccountFailure {
  return ACCOUNT_FAILURES.has(failure);
}

function about(run: Run): { readonly run: RunId; readonly agent: Run['agent'] } {
  return { run: run.id, agent: run.agent };
}
