// Turns a run and its agent into what a start needs: the driver's plan, the attempt's row, and the host's order.

import { attemptId } from '../core/ids.ts';
import type { AttemptId } from '../core/ids.ts';
import type { AgentDefinition } from '../core/fleet.ts';
import { FACTORY_FLAG } from '../core/pause/flag.ts';
import { printOf } from '../core/reconcile/observed.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import { sandboxOf } from '../core/sandbox/sandbox.ts';
import { stopPlan } from '../core/supervise/stop-plan.ts';
import type { StopManner } from '../core/supervise/stop-plan.ts';
import type { LaunchInput, LaunchPlan } from '../ports/agent-driver.ts';
import type { HostLimit, Limits, StartSpec } from '../ports/execution-host.ts';
import type { Budgets } from './budgets.ts';
import type { Holds } from './holds.ts';
import type { House } from './house.ts';
import type { PrecheckPlan } from './precheck.ts';
import type { Note } from './recorder.ts';
import type { Sessions } from './sessions.ts';
import { subject } from './subject.ts';
import { environmentOf } from './environment.ts';
import { findingsOf } from './findings.ts';

/** An attempt and how to start it. */
export interface Prepared {
  readonly attempt: Attempt;
  readonly spec: StartSpec;
}

/** A main attempt's plan. `sessionFrom`: the session that it goes on with or branches off. */
export interface Planned extends LaunchPlan {
  readonly sessionFrom: string | null;
  /** The model account that it uses; null: none. */
  readonly provider: string | null;
}

/** What an operator tells an agent, in texts and files. */
export type Words = Pick<LaunchInput, 'task' | 'persona' | 'skills'>;

/** Who says with which session and on which account an attempt runs. */
export interface PreparationParts {
  readonly sessions: Sessions;
  readonly holds: Holds;
  readonly budgets: Budgets;
}

/** Prepares attempts; touches no file and no process. */
export class Preparation {
  private readonly house: Pick<
    House,
    | 'clock'
    | 'ledger'
    | 'fleet'
    | 'files'
    | 'driverFor'
    | 'chance'
    | 'digest'
    | 'boot'
    | 'environment'
    | 'pauseFlags'
    | 'host'
  >;
  private readonly parts: PreparationParts;

  constructor(house: Preparation['house'], parts: PreparationParts) {
    this.house = house;
    this.parts = parts;
  }

  /** The id of the attempt that `run` would begin next. A pre-check that is asked again is another attempt: no host starts one id twice. */
  nextId(run: Run, isCheck: boolean): AttemptId {
    const id = attemptId(run.id, run.attempts + 1);
    if (!isCheck) {
      return id;
    }
    const asked = this.house.ledger.attempts.ofRun(run.id).filter((attempt) => attempt.purpose === 'precheck').length;
    return `${id}p${asked === 0 ? '' : asked + 1}` as AttemptId;
  }

  /** How the agent's CLI is to be started for `run`. Throws OperationalError `launch.…` where it cannot be. */
  plan(run: Run, agent: AgentDefinition, words: Words): Planned {
    const { driverFor, files, ledger } = this.house;
    const start = this.parts.sessions.startOf(run, agent);
    const account = this.parts.holds.accountOf(run, agent);
    const plan = driverFor(agent.cliTool).launch({
      program: agent.cliTool,
      ...(start.knowsTask
        ? { task: null, persona: null, skills: [], findings: null, data: null }
        : { ...words, findings: findingsOf(ledger, run), data: run.input.data ?? null }),
      handOver: start.handOver,
      filePrefix: files.inputPath(this.nextId(run, false)),
      args: [...agent.args, ...(run.input.args ?? [])],
      model: account.model,
      workingDir: agent.workingDir,
      session: start.session,
      live: this.parts.budgets.cover(agent),
      settings: agent.settings,
    });
    return { ...plan, sessionFrom: 'from' in start.choice ? start.choice.from : null, provider: account.name };
  }

  /** The attempt's row and the host's order; `check` null: the main attempt. */
  prepare(given: {
    readonly run: Run;
    readonly agent: AgentDefinition;
    readonly plan: LaunchPlan | Planned;
    readonly check: PrecheckPlan | null;
    /** Values by the names of their variables. */
    readonly secrets: Readonly<Record<string, string>>;
  }): Prepared {
    const { run, agent, plan, check, secrets } = given;
    const { clock, files, boot, fleet, digest } = this.house;
    const id = this.nextId(run, check !== null);
    const limits = limitsOf(agent, check?.timeoutMs ?? agent.timeoutMs);
    const attempt: Attempt = {
      id,
      run: run.id,
      number: run.attempts + 1,
      purpose: check === null ? 'main' : 'precheck',
      state: 'starting',
      intendedAt: clock.now(),
      startedAt: null,
      endedAt: null,
      identity: null,
      bootId: boot.bootId,
      outPath: files.outPath(id, 'out'),
      errPath: plan.separateStderr ? files.outPath(id, 'err') : null,
      sessionId: plan.sessionId,
      sessionFrom: 'sessionFrom' in plan ? plan.sessionFrom : null,
      provider: 'provider' in plan ? plan.provider : null,
      limits,
      stopPlans: plansOf(agent.gracePeriodMs, plan.stopManner),
      definition: run.trigger.kind === 'safety' ? printOf(agent, fleet.now.factory.environment, digest) : null,
      stop: null,
      outcome: null,
      exit: null,
      note: null,
    };
    return { attempt, spec: this.specOf({ run, agent, plan, attempt, limits, secrets }) };
  }

  /** Inside a transaction: the intent, before the host is asked. */
  writeIntent(run: Run, attempt: Attempt, note: Note): void {
    const { ledger } = this.house;
    ledger.attempts.insert(attempt);
    ledger.runs.update(
      run.id,
      attempt.purpose === 'main' ? { state: 'starting', attempts: attempt.number } : { state: 'prechecking' },
    );
    note({ kind: 'attempt.starting', ...subject(run), attempt: attempt.id, purpose: attempt.purpose });
  }

  private specOf(given: {
    readonly run: Run;
    readonly agent: AgentDefinition;
    readonly plan: LaunchPlan;
    readonly attempt: Attempt;
    readonly limits: Limits;
    readonly secrets: Readonly<Record<string, string>>;
  }): StartSpec {
    const { fleet, files, pauseFlags, host } = this.house;
    const { run, agent, plan, attempt } = given;
    const project = fleet.project(run.project);
    const flags = pauseFlags.now;
    const user = project?.user ?? host.defaultUser;
    const stdinPath = plan.stdin === null ? null : files.inputPath(attempt.id);
    return {
      attemptId: attempt.id,
      label: run.agent,
      user,
      argv: plan.argv,
      cwd: agent.workingDir,
      env: { ...environmentOf(this.house, agent, plan.env), ...given.secrets },
      stdinPath,
      inputs: [...plan.files.map((file) => file.path), ...(stdinPath === null ? [] : [stdinPath])],
      sandbox: sandboxOf(
        agent,
        fleet.now,
        plan.files.map((file) => file.path),
      ),
      outPath: attempt.outPath,
      errPath: attempt.errPath,
      limits: given.limits,
      stopPlans: attempt.stopPlans as StartSpec['stopPlans'],
      pauseFlags: [flags.path(FACTORY_FLAG), ...(run.project === null ? [] : [flags.path(run.project)])],
    };
  }
}

function limitsOf(agent: AgentDefinition, wallMs: number): Limits {
  return {
    wallMs,
    memoryBytes: agent.maxMemoryBytes,
    cpuMs: agent.maxCpuMs,
    cpuQuotaPercent: agent.cpuQuotaPercent,
    pids: agent.maxPids,
    outputBytes: agent.maxOutputBytes,
    outputBytesPerSecond: agent.maxOutputBytesPerSecond,
  };
}

function plansOf(graceMs: number, manner: StopManner): Readonly<Record<HostLimit, ReturnType<typeof stopPlan>>> {
  return {
    wall: stopPlan('wall', graceMs, manner),
    cpu: stopPlan('cpu', graceMs, manner),
    memory: stopPlan('memory', graceMs, manner),
    output: stopPlan('output', graceMs, manner),
  };
}
