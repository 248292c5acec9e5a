// Keeps which accounts of model providers are held, in the caller's transaction: by what attempts prove, never by agent.

import { totalOf } from '../core/budget/tokens.ts';
import type { AgentDefinition } from '../core/fleet.ts';
import type { RunId } from '../core/ids.ts';
import { holdAfter, mayStart, readHold, withCanary, withCredential, withoutProof } from '../core/provider/hold.ts';
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

/** What it uses of the house. */
type Needed = Pick<House, 'clock' | 'ledger' | 'fleet' | 'chance' | 'driverFor'>;

/** Holds of all accounts. */
export class Holds {
  readonly #house: Needed;

  constructor(house: Needed) {
    this.#house = house;
  }

  /** Every hold, by account. */
  all(): ReadonlyMap<string, Hold> {
    const names = [...this.#house.ledger.states.all('hold').keys()];
    return new Map(names.flatMap((name) => asEntry(name, this.#of(name))));
  }

  /**
   * The account and model with which `run` of `agent` would start now: its own, or its fallback while that is held and the
   * fallback is not. Once its own may be tried again, the next run is the one that tries it.
   */
  accountOf(run: Pick<Run, 'id'>, agent: AgentDefinition): Account {
    const driver = this.#house.driverFor(agent.cliTool).name;
    const own = { name: agent.provider ?? (driver === 'exec' ? null : driver), model: agent.model };
    const { fallbackProvider } = agent;
    if (own.name === null || fallbackProvider === null || this.#of(fallbackProvider) !== null) {
      return own;
    }
    if (mayStart(this.#of(own.name), run.id, this.#house.clock.now()).kind !== 'wait') {
      return own;
    }
    return { name: fallbackProvider, model: agent.fallbackModel ?? agent.model };
  }

  /** For the gate: what `run` may do on its account. */
  standOf(run: Run, agent: AgentDefinition): Snapshot['account'] {
    const { name } = this.accountOf(run, agent);
    const hold = name === null ? null : this.#of(name);
    if (name === null || hold === null) {
      return null;
    }
    return { name, why: `${hold.class}: ${hold.evidence}`, answer: mayStart(hold, run.id, this.#house.clock.now()) };
  }

  /** `run` was admitted: on an account whose time has come it is the one that tries. */
  admitted(run: Run, agent: AgentDefinition, note: Note): void {
    const stand = this.standOf(run, agent);
    const hold = stand === null ? null : this.#of(stand.name);
    if (stand?.answer.kind === 'probe' && hold !== null && hold.canary !== run.id) {
      this.#house.ledger.states.set('hold', stand.name, withCanary(hold, run.id));
      note({ kind: 'provider.probing', ...about(run), account: stand.name });
    }
  }

  /** `attempt` is the try of a held account. */
  isCanary(attempt: Attempt): boolean {
    return attempt.provider !== null && this.#of(attempt.provider)?.canary === attempt.run;
  }

  /** The model answered `attempt`: if it was the try, its account works, long before the run has ended. */
  answered(attempt: Attempt, note: Note): void {
    if (attempt.provider !== null && this.isCanary(attempt)) {
      this.#release(attempt.provider, note);
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
      const hold = this.#hold(account, { ...end, class: outcome.class });
      return outcome.class === 'quota' && run.trigger.kind !== 'safety' && attempt.number < MOST_WAITS
        ? { kind: 'retry', session: 'resume', ...this.#wayOn(run, account, hold) }
        : null;
    }
    const hold = this.#of(account);
    if (hold?.canary === run.id) {
      this.#canaryEnded(account, hold, end);
    }
    return null;
  }

  /** What the files of the login of a held account look like now. True: they are other ones, and it may be tried at once. */
  looked(account: string, credential: string, note: Note): boolean {
    const hold = this.#of(account);
    if (hold === null || hold.credential === credential) {
      return false;
    }
    const now = this.#house.clock.now();
    const after = withCredential(hold, credential, now);
    this.#house.ledger.states.set('hold', account, after);
    if (hold.credential === undefined) {
      return false;
    }
    note({ kind: 'provider.credential', account });
    this.#letAsk(account, now);
    return true;
  }

  /** Runs that were put back until the hold's end ask again now. */
  #letAsk(account: string, now: number): void {
    const { runs, attempts } = this.#house.ledger;
    for (const run of runs.waiting()) {
      const last =
        run.notBefore > now ? attempts.ofRun(run.id).findLast(({ purpose }) => purpose === 'main') : undefined;
      if (last?.provider === account && last.outcome?.kind === 'failed' && isAccountFailure(last.outcome.class)) {
        runs.update(run.id, { notBefore: now });
      }
    }
  }

  /** A fallback that is free is used at once; else the account is waited for. */
  #wayOn(run: Run, account: string, hold: Hold): Pick<Retry, 'at' | 'reason'> {
    const agent = this.#house.fleet.agent(run.agent);
    const next = agent === null ? account : this.accountOf(run, agent).name;
    return next === null || next === account
      ? { at: hold.until, reason: `${account} is used up: it waits for it` }
      : { at: this.#house.clock.now(), reason: `${account} is used up: it goes on with ${next}` };
  }

  #canaryEnded(account: string, hold: Hold, { run, outcome, verdict, note }: EndOnAccount): void {
    const usage = verdict?.usage ?? null;
    if (outcome.kind === 'succeeded' || (usage !== null && (totalOf(usage) ?? 0) > 0)) {
      this.#release(account, note);
      return;
    }
    const at = { now: this.#house.clock.now(), waitMs: NO_PROOF_WAIT_MS };
    this.#house.ledger.states.set('hold', account, withoutProof(hold, run.id, at));
  }

  #hold(account: string, end: EndOnAccount & { readonly class: AccountFailure }): Hold {
    const { ledger, clock, chance, fleet } = this.#house;
    const { run, verdict, outcome } = end;
    const before = this.#of(account);
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

  #release(account: string, note: Note): void {
    this.#house.ledger.states.remove('hold', account);
    note({ kind: 'provider.released', account, reason: 'the model answered' });
  }

  /** The hold of `account`. A canary that is not under way any more holds up nobody. */
  #of(account: string): Hold | null {
    const hold = readHold(this.#house.ledger.states.get('hold', account));
    if (hold === null || hold.canary === null) {
      return hold;
    }
    const run = this.#house.ledger.runs.get(hold.canary as RunId);
    return run !== null && LIVE_STATES.includes(run.state) ? hold : { ...hold, canary: null };
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
