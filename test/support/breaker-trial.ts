// A daemon to which things happen in any order, and an observer who knows its promises and nothing of its states.

import type { ProjectId } from '../../src/core/ids.ts';
import type { RecordedFact } from '../../src/core/run/facts.ts';
import type { Outcome } from '../../src/core/run/outcome.ts';
import { DaemonRig } from './daemon-rig.ts';
import { metaOf, sandboxFleet } from './sandbox-fleet.ts';

const SANDBOX = 'sandbox' as ProjectId;
const META = metaOf(SANDBOX);
const DEVELOPER = 'sandbox/developer-sandbox';
const NO_LOGIN: Outcome = { kind: 'failed', class: 'auth', reason: 'not logged in' };

/** What happens. */
export type Step =
  | {
      readonly do:
        | 'meta_fails'
        | 'meta_succeeds'
        | 'meta_has_no_login'
        | 'developer_runs'
        | 'touch'
        | 'remove'
        | 'resume'
        | 'restart'
        | 'look'
        | 'tracker_fails'
        | 'tracker_answers_are_lost'
        | 'flag_fails';
      readonly ms?: never;
    }
  | { readonly do: 'kill_in'; readonly moments: number; readonly ms?: never }
  | { readonly do: 'pass' | 'step_clock'; readonly ms: number };

/** The part of a breaker's rule that a trial varies. */
export interface Rule {
  readonly threshold: number;
  readonly probeFirst: boolean;
  readonly autoResume: boolean;
}

/** One trial. Every promise that breaks throws with what happened. */
export class BreakerTrial {
  readonly rig: DaemonRig;
  #seen = 0;
  /** Tripped, and neither lifted nor well again since. */
  #held = false;
  trips = 0;

  private constructor(rig: DaemonRig) {
    this.rig = rig;
  }

  static async begin(rule: Rule): Promise<BreakerTrial> {
    const extra = [
      '[projects.breaker]',
      `threshold = ${rule.threshold}`,
      `probe_first = ${rule.probeFirst}`,
      rule.autoResume ? 'auto_resume_after = "30m"' : '',
    ].join('\n');
    const trial = new BreakerTrial(await DaemonRig.start({ toml: sandboxFleet([SANDBOX], { extra }) }));
    trial.rig.script(META, () => trial.#onStart({ endsAfterMs: 0, code: 1 }));
    trial.rig.script(DEVELOPER, () => trial.#onStart({ endsAfterMs: 0 }));
    return trial;
  }

  get starts(): number {
    return this.rig.host.starts.length;
  }

  /** One step, and whatever follows at once. Who died of it is started again. */
  async take(step: Step): Promise<void> {
    await this.#carryOut(step);
    if (this.rig.isDead) {
      await this.rig.restart();
    }
    this.#mustHold();
  }

  /** A quiet minute: everything that waits is done. */
  async settle(): Promise<void> {
    this.rig.flags.failure = null;
    this.rig.issues.calm();
    await this.rig.restart();
    await this.rig.quiet();
    await this.rig.pass(2_000);
    await this.rig.quiet();
    this.#mustHold();
    const state = this.rig.daemon.services.breakers.state(SANDBOX);
    const flag = this.rig.flags.stat(SANDBOX);
    const isOurs = flag.kind === 'present' && /^incident/m.test(flag.text ?? '');
    const mark = state.kind === 'open' ? state.flag : state.mark;
    this.#demand(state.kind !== 'open' || flag.kind === 'present', 'an open breaker has a flag in the end');
    this.#demand(!isOurs || ['written', 'person'].includes(mark.kind), 'no flag of ours is left that nobody knows');
    const goesOn = state.kind === 'closed' ? null : (state.incident?.id ?? null);
    for (const issue of this.#breakerIssues()) {
      const wanted = goesOn !== null && issue.marker.includes(`incident=${goesOn} `);
      this.#demand((issue.state === 'open') === wanted, `issue #${issue.number} is open while its incident goes on`);
    }
  }

  async end(): Promise<void> {
    await this.rig.dispose();
  }

  async #carryOut(step: Step): Promise<void> {
    const { rig } = this;
    switch (step.do) {
      case 'meta_fails':
        rig.script(META, () => this.#onStart({ endsAfterMs: 0, code: 1 }));
        return this.#run(META);
      case 'meta_succeeds':
        rig.script(META, () => this.#onStart({ endsAfterMs: 0 }));
        return this.#run(META);
      case 'meta_has_no_login':
        return rig.ended(META, NO_LOGIN);
      case 'developer_runs':
        return this.#run(DEVELOPER);
      case 'touch':
        return rig.flags.touchByHand(SANDBOX);
      case 'remove':
        return rig.flags.removeByHand(SANDBOX);
      case 'resume':
        rig.flags.removeByHand(SANDBOX);
        await rig.command(async (control) => control.resumed(SANDBOX, 'alice'));
        return;
      case 'restart':
        return rig.restart();
      case 'look':
        return rig.pass(1_100);
      case 'tracker_fails':
        return rig.issues.strike({ kind: 'fail' }, { times: 2 });
      case 'tracker_answers_are_lost':
        return rig.issues.strike({ kind: 'lose' }, { times: 2 });
      case 'flag_fails':
        rig.flags.failure = rig.flags.failure === null ? 'ENOSPC' : null;
        return;
      case 'kill_in':
        return rig.killIn(step.moments);
      case 'pass':
        return rig.leap(step.ms);
      case 'step_clock':
        rig.clock.offsetMs += step.ms;
        return rig.pass(1_100);
    }
  }

  async #run(agent: string): Promise<void> {
    // A run may have to wait for a probe; what matters is what is decided now.
    await this.rig.ask(agent);
    await this.rig.pass(0);
  }

  /** Called by the host directly before a start. */
  #onStart<Behaviour>(behaviour: Behaviour): Behaviour {
    const state = this.rig.ledger.states.get('breaker', SANDBOX) as { readonly kind: string } | null;
    this.#demand(this.rig.flags.stat(SANDBOX).kind === 'absent', 'nothing is started while the flag is there');
    this.#demand(state?.kind !== 'open' && state?.kind !== 'isolated', 'nothing is started while the breaker is open');
    return behaviour;
  }

  #mustHold(): void {
    for (const fact of this.rig.facts(this.#seen)) {
      this.#seen = fact.seq;
      this.#follow(fact);
    }
    const probes = this.rig.ledger.runs.waiting().filter((run) => run.trigger.kind === 'probe');
    this.#demand(probes.length <= 1, 'there is never more than one waiting probe');
    const open = this.#breakerIssues().filter((issue) => issue.state === 'open');
    this.#demand(open.length <= 1, 'there are never two open issues of one project');
    this.#demand(this.rig.fatal.length === 0, `no daemon ends by itself: ${String(this.rig.fatal[0])}`);
  }

  #follow(fact: RecordedFact): void {
    if (fact.kind === 'breaker.opened') {
      this.#demand(!this.#held, 'there is no second trip without a success or a removal between');
      this.#demand(fact.reason !== '', 'a trip has a reason');
      this.#held = true;
      this.trips += 1;
    } else if (fact.kind === 'breaker.half_opened' || fact.kind === 'pause.lifted') {
      this.#held = false;
    } else if (fact.kind === 'run.ended') {
      this.#held &&= !(fact.agent === META && fact.outcome.kind === 'succeeded');
    } else if (fact.kind === 'run.refused') {
      const reasons = this.rig.ledger.verdicts.ofRun(fact.run as never).at(-1)?.reasons ?? [];
      this.#demand(reasons.length > 0 && reasons.every((one) => one.text !== ''), 'a refusal has a stored reason');
      const late = reasons.some((one) => one.text.includes('last look'));
      this.#demand(!late, 'the host never has to refuse what admission should have');
    }
  }

  #breakerIssues() {
    const issues = this.rig.issues.store.list({ project: null, state: null, limit: 999 });
    return issues.filter((issue) => issue.marker.includes('fp=breaker'));
  }

  #demand(holds: boolean, promise: string): void {
    if (!holds) {
      const facts = this.rig.facts(this.#seen - 15);
      throw new Error(`broken: ${promise}\n${facts.map((fact) => JSON.stringify(fact)).join('\n')}`);
    }
  }
}
