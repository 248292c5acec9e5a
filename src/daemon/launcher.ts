// Carries an admitted run to a started process: pre-check, driver's plan, last look, intent, start.

import { lastLook } from '../core/admission/admit.ts';
import { reason } from '../core/admission/reasons.ts';
import type { AgentDefinition } from '../core/fleet.ts';
import { attemptId } from '../core/ids.ts';
import type { AttemptId } from '../core/ids.ts';
import type { Outcome } from '../core/run/outcome.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import { stopPlan } from '../core/supervise/stop-plan.ts';
import type { StopManner } from '../core/supervise/stop-plan.ts';
import { OperationalError, messageOf } from '../lib/operational-error.ts';
import type { LaunchPlan } from '../ports/agent-driver.ts';
import type { HostLimit, Limits, StartReply, StartSpec } from '../ports/execution-host.ts';
import { subject } from './subject.ts';
import type { Ending } from './ending.ts';
import type { House } from './house.ts';
import { LiveIndex } from './live-index.ts';
import type { Look } from './look.ts';
import { precheckPlan } from './precheck.ts';
import type { Recorder } from './recorder.ts';

/** What the launcher needs beside the house. */
export interface LauncherParts {
  readonly recorder: Recorder;
  readonly look: Look;
  readonly ending: Ending;
  readonly fail: (error: unknown) => void;
}

/** Starts attempts. */
export class Launcher {
  private readonly house: Pick<
    House,
    'clock' | 'ledger' | 'fleet' | 'host' | 'files' | 'driverFor' | 'chance' | 'boot' | 'environment'
  >;
  private readonly parts: LauncherParts;
  private readonly underWay = new Set<Promise<void>>();

  constructor(house: Launcher['house'], parts: LauncherParts) {
    this.house = house;
    this.parts = parts;
  }

  /** Begins `run` (claimed); with `skipPrecheck` its pre-check has said go. */
  launch(run: Run, skipPrecheck = false): void {
    const work = this.carry(run, skipPrecheck)
      .catch((error: unknown) => {
        this.parts.fail(error);
      })
      .finally(() => this.underWay.delete(work));
    this.underWay.add(work);
  }

  /** Resolves when no start is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private async carry(run: Run, skipPrecheck: boolean): Promise<void> {
    const agent = this.house.fleet.agent(run.agent);
    if (agent === null) {
      this.parts.ending.endRun(run, {
        kind: 'refused',
        reasons: [reason('agent.removed', `${run.agent} is no longer in agents.toml`)],
      });
      return;
    }
    const wantsPrecheck = !skipPrecheck && run.trigger.kind !== 'probe' && run.attempts === 0;
    const check = wantsPrecheck ? precheckPlan(agent) : null;
    const number = run.attempts + 1;
    const id = check === null ? attemptId(run.id, number) : (`${attemptId(run.id, number)}p` as AttemptId);
    const { files, host } = this.house;
    let plan: LaunchPlan;
    let limits: Limits;
    try {
      plan = check?.plan ?? (await this.driverPlan(run, agent, files.inputPath(id)));
      limits = limitsOf(agent, check?.timeoutMs ?? agent.timeoutMs);
    } catch (error) {
      this.parts.ending.endRun(run, couldNotPrepare(error));
      return;
    }
    const stdinPath = await this.writeInputs(id, plan);
    const attempt = this.attemptOf({
      run,
      id,
      number,
      plan,
      limits,
      isCheck: check !== null,
      graceMs: agent.gracePeriodMs,
    });
    if (!(await this.lookOnceMore(run))) {
      return;
    }
    this.intend(run, attempt);
    const reply = await host.start(this.specOf({ run, agent, attempt, plan, stdinPath, limits }));
    this.take(run, attempt, reply);
  }

  private async driverPlan(run: Run, agent: AgentDefinition, filePrefix: string): Promise<LaunchPlan> {
    const { driverFor, files, chance } = this.house;
    const text =
      run.input.task ?? agent.task ?? (agent.taskFile === null ? null : await files.readTask(agent.taskFile));
    return driverFor(agent.cliTool).launch({
      program: agent.cliTool,
      task: text,
      data: run.input.data ?? null,
      filePrefix,
      args: [...agent.args, ...(run.input.args ?? [])],
      model: agent.model,
      workingDir: agent.workingDir,
      session: { kind: 'new', id: chance.uuid() },
      settings: agent.settings,
    });
  }

  /** The path of stdin, or null for none. */
  private async writeInputs(id: AttemptId, plan: LaunchPlan): Promise<string | null> {
    const { files } = this.house;
    const stdin = plan.stdin === null ? null : { path: files.inputPath(id), text: plan.stdin };
    await files.writeInputs(id, stdin === null ? plan.files : [...plan.files, stdin]);
    return stdin?.path ?? null;
  }

  private attemptOf(given: {
    readonly run: Run;
    readonly id: AttemptId;
    readonly number: number;
    readonly plan: LaunchPlan;
    readonly limits: Limits;
    readonly isCheck: boolean;
    readonly graceMs: number;
  }): Attempt {
    const { files, clock, boot } = this.house;
    return {
      id: given.id,
      run: given.run.id,
      number: given.number,
      purpose: given.isCheck ? 'precheck' : 'main',
      state: 'starting',
      intendedAt: clock.now(),
      startedAt: null,
      endedAt: null,
      identity: null,
      bootId: boot.bootId,
      outPath: files.outPath(given.id, 'out'),
      errPath: given.plan.separateStderr ? files.outPath(given.id, 'err') : null,
      sessionId: given.plan.sessionId,
      limits: given.limits,
      stopPlans: plansOf(given.graceMs, given.plan.stopManner),
      stop: null,
      outcome: null,
      exit: null,
      note: null,
    };
  }

  /** False when a gate that changes from outside has said no meanwhile: then the run has ended. */
  private async lookOnceMore(run: Run): Promise<boolean> {
    const facts = this.parts.look.hostFacts(await this.parts.look.machineFacts([run]), [run]);
    const verdict = lastLook(run, this.parts.look.snapshot(run, facts, LiveIndex.of([]).counts()));
    const current = this.house.ledger.runs.get(run.id);
    if (current === null || current.state === 'ended') {
      return false;
    }
    if (verdict.kind !== 'admit') {
      this.parts.ending.refuseLate(run, verdict.reasons);
      return false;
    }
    return true;
  }

  private intend(run: Run, attempt: Attempt): void {
    const { ledger } = this.house;
    this.parts.recorder.commit('daemon', (note) => {
      ledger.attempts.insert(attempt);
      ledger.runs.update(
        run.id,
        attempt.purpose === 'main' ? { state: 'starting', attempts: attempt.number } : { state: 'prechecking' },
      );
      note({ kind: 'attempt.starting', ...subject(run), attempt: attempt.id, purpose: attempt.purpose });
    });
  }

  private specOf(given: {
    readonly run: Run;
    readonly agent: AgentDefinition;
    readonly attempt: Attempt;
    readonly plan: LaunchPlan;
    readonly stdinPath: string | null;
    readonly limits: Limits;
  }): StartSpec {
    const { fleet, environment } = this.house;
    const { agent, plan, attempt } = given;
    const project = fleet.project(given.run.project);
    const passed = Object.fromEntries(
      agent.envPass.filter((name) => environment[name] !== undefined).map((name) => [name, environment[name] ?? '']),
    );
    return {
      attemptId: attempt.id,
      argv: plan.argv,
      cwd: agent.workingDir,
      env: { ...safeEnvironment(environment), ...passed, ...plan.env, ...project?.env, ...agent.env },
      stdinPath: given.stdinPath,
      outPath: attempt.outPath,
      errPath: attempt.errPath,
      limits: given.limits,
      stopPlans: attempt.stopPlans as StartSpec['stopPlans'],
      pauseFlags: flagPaths(fleet.now.factory.pauseDir, given.run.project),
    };
  }

  private take(run: Run, attempt: Attempt, reply: StartReply): void {
    switch (reply.kind) {
      case 'started':
      case 'already_started':
      case 'already_ended':
        // The host's events say the same, in the order of its record; they are what is written.
        return;
      case 'paused':
        this.parts.ending.refuseAttempt(run, attempt, [
          reason('project.paused', `${reply.flag} was there at the last look before the start`),
        ]);
        return;
      case 'did_not_start':
        this.parts.ending.neverStarted(attempt, reply.cause, reply.message);
        return;
    }
  }
}

const SAFE_NAMES = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR'] as const;

function safeEnvironment(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    SAFE_NAMES.filter((name) => environment[name] !== undefined).map((name) => [name, environment[name] ?? '']),
  );
}

function flagPaths(pauseDir: string, project: string | null): readonly string[] {
  return [`${pauseDir}/__all__`, ...(project === null ? [] : [`${pauseDir}/${project}`])];
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

function couldNotPrepare(error: unknown): Outcome {
  const known = error instanceof OperationalError;
  return { kind: 'failed', class: known ? 'setup' : 'did_not_start', reason: messageOf(error) };
}
