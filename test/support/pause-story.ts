// One story of a pause, told so that it goes on where a killed daemon left it: failures, flag, issue, removal, success.

import type { ProjectId } from '../../src/core/ids.ts';
import type { Run } from '../../src/core/run/run.ts';
import { DaemonRig } from './daemon-rig.ts';
import type { RigInput } from './daemon-rig.ts';
import { metaOf, sandboxFleet } from './sandbox-fleet.ts';

const SANDBOX = 'sandbox' as ProjectId;
const META = metaOf(SANDBOX);

/** What an outsider sees at one point of the story. */
export interface Sight {
  readonly state: string;
  readonly flag: boolean;
  readonly issues: readonly { readonly state: string; readonly comments: readonly string[] }[];
  /** How the counted runs that were started ended, oldest first; a probe may be taken back before. */
  readonly ends: readonly string[];
  /** Programs that were started for them. */
  readonly starts: number;
}

/** The story on a rig of its own. */
export class PauseStory {
  readonly rig: DaemonRig;
  /** Daemons that had to be started anew. */
  restarts = 0;
  /** The moment at which the last of them died. */
  died: string | null = null;

  private constructor(rig: DaemonRig) {
    this.rig = rig;
  }

  /** `dieAt`: the first daemon is killed at its moment with this number. */
  static async begin(dieAt: number | null, input: Partial<RigInput> = {}): Promise<PauseStory> {
    const rig = await DaemonRig.start({ toml: sandboxFleet(), ...input, ...(dieAt === null ? {} : { dieAt }) });
    return new PauseStory(rig);
  }

  /** Three failures in a row; answers what is seen when all is quiet. */
  async fail(): Promise<Sight> {
    this.rig.breaks(META);
    await this.#carryOn(() => this.#ends().length >= 3);
    return this.#see();
  }

  /** Somebody removes cause and flag, and the next counted run ends well. */
  async recover(): Promise<Sight> {
    this.rig.breaks(META, false);
    this.rig.setFlag(SANDBOX, false);
    await this.#carryOn(() => this.#stateKind() === 'closed');
    return this.#see();
  }

  /** Asks for runs, and starts what died, until `isDone`; then until nothing is left to do. */
  async #carryOn(isDone: () => boolean): Promise<void> {
    while (!isDone() || !(await this.#isQuiet())) {
      if (this.rig.isDead) {
        this.restarts += 1;
        this.died = this.rig.moments.at(-1) ?? null;
        await this.rig.restart();
      } else if (!isDone() && this.#openRuns().length === 0) {
        await this.rig.ask(META);
      }
      await this.rig.until(() => this.#openRuns().length === 0);
    }
  }

  async #isQuiet(): Promise<boolean> {
    if (!this.rig.isDead) {
      await this.rig.quiet();
      // One look of everything that looks by itself, so that a death in it is not missed.
      await this.rig.pass(1_500);
    }
    return !this.rig.isDead && this.rig.ledger.outbox.list().length === 0;
  }

  #see(): Sight {
    const { store } = this.rig.issues;
    const issues = store.list({ project: null, state: null, limit: 9 }).toReversed();
    return {
      state: this.#stateKind(),
      flag: this.rig.hasFlag(SANDBOX),
      issues: issues.map((issue) => ({
        state: issue.state,
        comments: store.comments(issue.number).map((comment) => comment.body.split(' ').slice(0, 3).join(' ')),
      })),
      ends: this.#ends(),
      starts: this.rig.startsOf(META),
    };
  }

  #stateKind(): string {
    const state = this.rig.ledger.states.get('breaker', SANDBOX) as { readonly kind: string } | null;
    return state?.kind ?? 'closed';
  }

  #ends(): readonly string[] {
    const runs = this.rig.ledger.runs.list({ project: SANDBOX, states: ['ended'], limit: 99 });
    const started = runs.filter((run) => run.attempts > 0);
    return started.toReversed().map((run) => run.outcome?.kind ?? 'none');
  }

  #openRuns(): readonly Run[] {
    return [...this.rig.ledger.runs.waiting(), ...this.rig.ledger.runs.live()];
  }
}
