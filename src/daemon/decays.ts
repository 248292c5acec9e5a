// Keeps which agents run without effect: what each run found when it began, and what came of it.

import type { Snapshot } from '../core/admission/snapshot.ts';
import type { Queued } from '../core/admission/waiting.ts';
import type { AgentDefinition } from '../core/fleet.ts';
import type { AgentKey, RunId } from '../core/ids.ts';
import type { Outcome } from '../core/run/outcome.ts';
import type { Run } from '../core/run/run.ts';
import { afterRun, decayStand, effectOf, factorOf } from '../core/trigger/decay.ts';
import type { BegunRun, Decay } from '../core/trigger/decay.ts';
import type { DriverVerdict } from '../ports/agent-driver.ts';
import type { House } from './house.ts';

/** The run that has begun and not ended. */
interface Begun extends BegunRun {
  readonly run: RunId;
}

/** What it uses of the house. */
type Needed = Pick<House, 'ledger' | 'fleet' | 'files' | 'digest' | 'zones' | 'driverFor'>;

/** Reads and writes in the caller's transaction; only looking at inputs takes its time, before it. */
export class Decays {
  readonly #house: Needed;
  /** What the inputs of agents with idle runs were at the last look. */
  readonly #seen = new Map<AgentKey, string>();

  constructor(house: Needed) {
    this.#house = house;
  }

  /** A short name for everything that a run of `agent` would begin with; null: it never decays. */
  async inputsOf(agent: AgentDefinition): Promise<string | null> {
    const { digest, files } = this.#house;
    if (!this.#mayDecay(agent)) {
      return null;
    }
    const { task, taskFile, personaFile, skills, workingDir, args, model, settings } = agent;
    const told = { task, args, model, settings, workingDir };
    const texts = [taskFile, personaFile, ...skills.map(({ file }) => file)].filter((file) => file !== null);
    const found = await files.inputsPrint(texts, workingDir);
    return digest(JSON.stringify([told, found]));
  }

  /** `run` begins on `inputs`. */
  begun(run: Run, inputs: string | null): void {
    if (inputs !== null) {
      const begun: Begun = { run: run.id, slotAt: slotOf(run), inputs };
      this.#house.ledger.states.set('decay', begunKey(run.agent), begun);
    }
  }

  /** `run` has ended. */
  ended(run: Run, outcome: Outcome, verdict: DriverVerdict): void {
    const { states } = this.#house.ledger;
    const begun = states.get('decay', begunKey(run.agent)) as Begun | null;
    if (begun?.run !== run.id) {
      return;
    }
    states.remove('decay', begunKey(run.agent));
    const { slotAt, inputs } = begun;
    const after = afterRun(this.#of(run.agent), { slotAt, inputs }, effectOf(outcome, verdict.actions));
    if (after === null) {
      states.remove('decay', run.agent);
    } else {
      states.set('decay', run.agent, after);
    }
  }

  /** Looks at the inputs of those of `due` whose slots are further apart. */
  async look(due: readonly Queued[]): Promise<void> {
    for (const key of new Set(due.filter(({ slotAt }) => slotAt !== null).map((run) => run.agent))) {
      const agent = this.#house.fleet.agent(key);
      const decay = agent !== null && this.#mayDecay(agent) ? this.#of(key) : null;
      const inputs =
        agent === null || decay === null || factorOf(decay.streak) === 1 ? null : await this.inputsOf(agent);
      if (inputs === null) {
        this.#seen.delete(key);
      } else {
        this.#seen.set(key, inputs);
      }
    }
  }

  /** Whether `run`, a slot, comes too soon; null: it does not. */
  standOf(run: Run, agent: AgentDefinition): Snapshot['decay'] {
    const slotAt = slotOf(run);
    const decay = slotAt === null || run.attempts > 0 || !this.#mayDecay(agent) ? null : this.#of(agent.key);
    if (slotAt === null || decay === null || agent.schedule === null) {
      return null;
    }
    const isOther = (this.#seen.get(agent.key) ?? decay.inputs) !== decay.inputs;
    const rule = { schedule: agent.schedule, zone: this.#house.zones(agent.timezone) };
    return isOther ? null : decayStand(decay, rule, slotAt);
  }

  #of(agent: AgentKey): Decay | null {
    return this.#house.ledger.states.get('decay', agent) as Decay | null;
  }

  /** A pre-check says better whether there is work; what is posted to an issue is an effect; a program's calls are unknown. */
  #mayDecay(agent: AgentDefinition): boolean {
    return (
      agent.decay &&
      agent.schedule !== null &&
      agent.preCheck.kind === 'always' &&
      agent.giteaIssue === null &&
      this.#house.driverFor(agent.cliTool).capabilities.usage !== 'none'
    );
  }
}

function slotOf({ trigger }: Run): number | null {
  return trigger.kind === 'slot' ? trigger.slotAt : null;
}

function begunKey(agent: AgentKey): string {
  return `begun ${agent}`;
}
