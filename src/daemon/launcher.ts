// Carries an admitted run to a started process: pre-check, workspace, driver's plan, last look, intent, start.

import { lastLook } from '../core/admission/admit.ts';
import type { Verdict } from '../core/admission/gate.ts';
import { reason } from '../core/admission/reasons.ts';
import type { AgentDefinition } from '../core/fleet.ts';
import type { Outcome } from '../core/run/outcome.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import { OperationalError, isStorageFailure, messageOf } from '../lib/operational-error.ts';
import type { LaunchPlan } from '../ports/agent-driver.ts';
import type { StartReply } from '../ports/execution-host.ts';
import type { Decays } from './decays.ts';
import type { Ending } from './ending.ts';
import type { House } from './house.ts';
import { askIssue } from './issue-check.ts';
import { LiveIndex } from './live-index.ts';
import { meterFile } from './metering.ts';
import type { Look, MachineFacts } from './look.ts';
import { precheckPlan } from './precheck.ts';
import type { Step } from './precheck.ts';
import type { Planned, Preparation, Prepared, Words } from './preparation.ts';
import type { Note, Recorder } from './recorder.ts';
import { Workplaces } from './workplaces.ts';

/** How long a run whose files could not be written is kept before it is asked again. */
const STORAGE_PAUSE_MS = 1000;

/** What the launcher needs beside the house. */
export interface LauncherParts {
  readonly recorder: Recorder;
  readonly look: Look;
  readonly preparation: Preparation;
  readonly ending: Ending;
  readonly decays: Decays;
  readonly fail: (error: unknown) => void;
}

/** An attempt whose files are written. `inputs`: the print of what its agent reads, as `Decays` keeps it. */
interface Ready {
  readonly prepared: Prepared;
  readonly inputs: string | null;
}

/** What it uses of the house. */
type Needed = Pick<House, 'clock' | 'ledger' | 'fleet' | 'host' | 'files' | 'tracker' | 'secrets' | 'digest'>;

/** Starts attempts. */
export class Launcher {
  readonly #house: Needed;
  readonly #parts: LauncherParts;
  readonly #workplaces: Workplaces;
  readonly #underWay = new Set<Promise<void>>();
  readonly #closing = Promise.withResolvers<null>();

  constructor(house: Needed, parts: LauncherParts) {
    this.#house = house;
    this.#parts = parts;
    this.#workplaces = new Workplaces(house);
  }

  /** Begins `run` (claimed); with `skipPrecheck` its pre-check has said go, and what goes before its start is taken up there. */
  launch(run: Run, skipPrecheck = false): void {
    this.#track(this.#carry(run, skipPrecheck));
  }

  /**
   * Inside the admission's transaction: the intent to start `run`, where nothing has to be asked or written before (no
   * pre-check, no files). Null: `launch` has to carry it. One transaction less is a third of what a short run costs.
   */
  prepareNow(run: Run, note: Note): Prepared | null {
    const agent = this.#house.fleet.agent(run.agent);
    const { preparation } = this.#parts;
    if (agent === null || needsPrecheck(run, agent) || readsFiles(run, agent)) {
      return null;
    }
    if (this.#workplaces.needs(run, agent)) {
      return null;
    }
    let plan: Planned;
    try {
      plan = preparation.plan(run, agent, { task: run.input.task ?? agent.task, persona: null, skills: [] });
    } catch (error) {
      if (error instanceof OperationalError) {
        return null;
      }
      throw error;
    }
    if (plan.stdin !== null || plan.files.length > 0) {
      return null;
    }
    const prepared = preparation.prepare({ run, agent, plan, step: null, secrets: {} });
    preparation.writeIntent(run, prepared, note);
    return prepared;
  }

  /** The last look at flags and breaker, and the start. */
  startPrepared(run: Run, prepared: Prepared, machine: MachineFacts): void {
    const verdict = this.#lookAgain(run, machine);
    if (verdict.kind !== 'admit') {
      this.#track(this.#parts.ending.refuseAttempt(run, prepared.attempt, verdict.reasons));
      return;
    }
    this.#track(this.#begin(run, prepared));
  }

  /** The daemon ends: nobody is waited for who does not answer. Resolves when no start is under way. */
  async settled(): Promise<void> {
    this.#closing.resolve(null);
    await Promise.all(this.#underWay);
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => {
        this.#parts.fail(error);
      })
      .finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  async #carry(run: Run, skipPrecheck: boolean): Promise<void> {
    const { ending } = this.#parts;
    const agent = this.#house.fleet.agent(run.agent);
    if (agent === null) {
      const gone = reason('agent.removed', `${run.agent} is no longer in agents.toml`);
      await ending.endRun(run, { kind: 'refused', reasons: [gone] });
      return;
    }
    const asks = !skipPrecheck && needsPrecheck(run, agent);
    if (asks && agent.preCheck.kind === 'gitea-issue') {
      const answer = await Promise.race([askIssue(this.#house, agent, agent.preCheck.issue), this.#closing.promise]);
      // Not answered yet when the daemon ends: the run is claimed, and what is claimed waits again at the next start.
      if (answer === null || (await ending.answerCheck(run, answer)) === null) {
        return;
      }
    }
    const ready = await this.#ready(run, agent, asks);
    if (ready === null) {
      return;
    }
    if (await this.#intend(run, ready)) {
      await this.#begin(run, ready.prepared);
    } else {
      await this.#house.files.removeInputs(ready.prepared.attempt.id);
    }
  }

  /** What is to be started, with its files written; null: that could not be, and the run has ended or waits again. */
  async #ready(run: Run, agent: AgentDefinition, asks: boolean): Promise<Ready | null> {
    const { preparation, decays } = this.#parts;
    let prepared: Prepared | null = null;
    try {
      const inputs = await decays.inputsOf(agent);
      const step = await this.#stepBefore(run, agent, asks);
      const plan = step?.plan ?? preparation.plan(run, agent, await this.#wordsOf(run, agent));
      prepared = preparation.prepare({ run, agent, plan, step, secrets: await this.#house.secrets.of(agent) });
      await this.#writeInputs(prepared, plan);
      return { prepared, inputs };
    } catch (error) {
      if (prepared !== null) {
        await this.#house.files.removeInputs(prepared.attempt.id);
      }
      await this.#endUnprepared(run, error);
      return null;
    }
  }

  /** The last look and the intent; false: there is to be no start, and what becomes of the run is written. */
  async #intend(run: Run, { prepared, inputs }: Ready): Promise<boolean> {
    const { recorder, look, preparation, ending, decays } = this.#parts;
    const verdict = this.#lookAgain(run, await look.machineFacts());
    const current = this.#house.ledger.runs.get(run.id);
    if (current === null || current.state === 'ended') {
      return false;
    }
    if (verdict.kind !== 'admit') {
      await ending.objectLate(run, verdict);
      return false;
    }
    try {
      recorder.commit('daemon', (note) => {
        preparation.writeIntent(run, prepared, note);
        decays.begun(run, inputs);
      });
      return true;
    } catch (error) {
      if (!isStorageFailure(error)) {
        throw error;
      }
      await ending.putBack(run, messageOf(error));
      return false;
    }
  }

  /** What has to be done first, one thing at a time: the next is taken up when it has ended. Null: nothing. */
  async #stepBefore(run: Run, agent: AgentDefinition, asks: boolean): Promise<Step | null> {
    const workplaces = this.#workplaces;
    const check = asks ? precheckPlan(agent) : null;
    return check ?? (workplaces.needs(run, agent) ? workplaces.plan(run, agent) : null);
  }

  async #endUnprepared(run: Run, error: unknown): Promise<void> {
    const { ending } = this.#parts;
    if (isStorageFailure(error)) {
      // The disk is full: neither the run nor its agent can be blamed, and asking again at once would change nothing.
      await new Promise<void>((resolve) => {
        this.#house.clock.after(STORAGE_PAUSE_MS, resolve);
      });
      await ending.putBack(run, messageOf(error));
    } else {
      await ending.endRun(run, couldNotPrepare(error));
    }
  }

  async #wordsOf(run: Run, agent: AgentDefinition): Promise<Words> {
    const { files } = this.#house;
    const { task, taskFile, personaFile } = agent;
    const ofFile = async (path: string | null, key: string): Promise<string | null> =>
      path === null ? null : files.readText(path, key);
    const skills: { name: string; text: string }[] = [];
    for (const { name, file } of agent.skills) {
      skills.push({ name, text: await files.readText(file, 'skill_chain') });
    }
    return {
      task: run.input.task ?? task ?? (await ofFile(taskFile, 'task_file')),
      persona: await ofFile(personaFile, 'persona'),
      skills,
    };
  }

  async #writeInputs({ attempt, spec }: Prepared, plan: LaunchPlan): Promise<void> {
    const { files } = this.#house;
    const stdin = plan.stdin === null ? [] : [{ path: files.inputPath(attempt.id), text: plan.stdin }];
    const meter = meterFile(files, attempt.id);
    const counts = spec.inputs.includes(meter) ? [{ path: meter, text: '' }] : [];
    await files.writeInputs([...plan.files, ...stdin, ...counts]);
  }

  /** What the gates that change from outside say now. */
  #lookAgain(run: Run, machine: MachineFacts): Verdict {
    const { look } = this.#parts;
    const facts = look.hostFacts(machine, [run]);
    return lastLook(run, look.snapshot(run, facts, LiveIndex.of([], []).counts()));
  }

  async #begin(run: Run, { attempt, spec }: Prepared): Promise<void> {
    await this.#take(run, attempt, await this.#house.host.start(spec));
  }

  async #take(run: Run, attempt: Attempt, reply: StartReply): Promise<void> {
    switch (reply.kind) {
      case 'started':
      case 'already_started':
      case 'already_ended':
        // The host's events say the same, in the order of its record; they are what is written.
        return;
      case 'paused':
        await this.#parts.ending.refuseAttempt(run, attempt, [
          reason('project.paused', `${reply.flag} was there at the last look before the start`),
        ]);
        return;
      case 'did_not_start':
        await this.#parts.ending.neverStarted(attempt, reply.cause, reply.message);
        return;
    }
  }
}

/** Its task or its secrets lie in files, or what it uses is counted in one, and no transaction waits for files. */
function readsFiles(run: Run, agent: AgentDefinition): boolean {
  const readsTask = agent.taskFile !== null && run.input.task === undefined;
  return (
    readsTask || agent.metering || agent.personaFile !== null || agent.skills.length > 0 || agent.secrets.length > 0
  );
}

/** A probe and a further attempt ask nothing: whether there is work was decided before. */
function needsPrecheck(run: Run, agent: AgentDefinition): boolean {
  return agent.preCheck.kind !== 'always' && run.trigger.kind !== 'probe' && run.attempts === 0;
}

function couldNotPrepare(error: unknown): Outcome {
  const known = error instanceof OperationalError;
  return { kind: 'failed', class: known ? 'setup' : 'did_not_start', reason: messageOf(error) };
}
