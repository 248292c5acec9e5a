// Turns a run and its agent into what a start needs: the driver's plan, the attempt's row, and the host's order.

import { attemptId } from '../core/ids.ts';
import type { AttemptId } from '../core/ids.ts';
import type { AgentDefinition } from '../core/fleet.ts';
import { FACTORY_FLAG } from '../core/pause/flag.ts';
import { printOf } from '../core/reconcile/observed.ts';
import type { Attempt, AttemptPurpose, Run } from '../core/run/run.ts';
import { sandboxOf } from '../core/sandbox/sandbox.ts';
import type { Sandboxed } from '../core/sandbox/sandbox.ts';
import type { Workspace } from '../core/workspace/workspace.ts';
import type { LaunchInput, LaunchPlan } from '../ports/agent-driver.ts';
import type { Limits, StartSpec } from '../ports/execution-host.ts';
import { limitsOf, plansOf, TIDYING_GRACE_MS, tidyingLimits } from './attempt-limits.ts';
import type { Budgets } from './budgets.ts';
import type { Holds } from './holds.ts';
import type { House } from './house.ts';
import { move } from './move.ts';
import type { Move } from './move.ts';
import type { Step } from './precheck.ts';
import type { Note } from './recorder.ts';
import type { Sessions } from './sessions.ts';
import { subject } from './subject.ts';
import { environmentOf, loginOf, ownerOf } from './environment.ts';
import type { EnvironmentOwner } from './environment.ts';
import { findingsOf } from './findings.ts';
import { meterFile, throughMeter, withMeterFile } from './metering.ts';
import { workplaceOf } from './workplaces.ts';

/** An attempt and how to start it. */
export interface Prepared {
  readonly attempt: Attempt;
  readonly spec: StartSpec;
  /** The workspace that it makes; null: it makes none. */
  readonly workspace: Workspace | null;
}

/** A main attempt's plan. `sessionFrom`: the session that it goes on with or branches off. */
export interface Planned extends LaunchPlan {
  readonly sessionFrom: string | null;
  /** The model account that it uses; null: none. */
  readonly provider: string | null;
  /** The model that it asks for; null: its CLI's own choice. */
  readonly model: string | null;
}

/** What an operator tells an agent, in texts and files. */
export type Words = Pick<LaunchInput, 'task' | 'persona' | 'skills'>;

/** Who says with which session and on which account an attempt runs. */
export interface PreparationParts {
  readonly sessions: Sessions;
  readonly holds: Holds;
  readonly budgets: Budgets;
}

/** How an attempt moves its run. */
const BEGINS: Readonly<Record<Exclude<AttemptPurpose, 'tidy'>, (number: number) => Move>> = {
  main: (attempts) => ({ event: 'launch', attempts }),
  precheck: () => ({ event: 'precheck' }),
  workspace: () => ({ event: 'prepare' }),
};

/** What it uses of the house. */
type Needed = Pick<
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
  | 'meter'
>;

/** Prepares attempts; touches no file and no process. */
export class Preparation {
  readonly #house: Needed;
  readonly #parts: PreparationParts;

  constructor(house: Needed, parts: PreparationParts) {
    this.#house = house;
    this.#parts = parts;
  }

  /** The id of the attempt that `run` would begin next. A step that is taken again is another attempt: no host starts one id twice. */
  nextId(run: Run, purpose: AttemptPurpose): AttemptId {
    const id = attemptId(run.id, run.attempts + 1);
    if (purpose === 'main') {
      return id;
    }
    const taken = this.#house.ledger.attempts.ofRun(run.id).filter((attempt) => attempt.purpose === purpose).length;
    return `${id}${purpose.charAt(0)}${taken === 0 ? '' : taken + 1}` as AttemptId;
  }

  /** How the agent's CLI is to be started for `run`. Throws OperationalError `launch.…` where it cannot be. */
  plan(run: Run, agent: AgentDefinition, words: Words): Planned {
    const { driverFor, files, ledger } = this.#house;
    const start = this.#parts.sessions.startOf(run, agent);
    const account = this.#parts.holds.accountOf(run, agent);
    const plan = driverFor(agent.cliTool).launch({
      program: agent.cliTool,
      ...(start.knowsTask
        ? { task: null, persona: null, skills: [], findings: null, data: null }
        : { ...words, findings: findingsOf(ledger, run), data: run.input.data ?? null }),
      handOver: start.handOver,
      filePrefix: files.inputPath(this.nextId(run, 'main')),
      args: [...agent.args, ...(run.input.args ?? [])],
      model: account.model,
      workingDir: workplaceOf(ledger, run, agent),
      session: start.session,
      live: this.#parts.budgets.cover(agent),
      settings: agent.settings,
    });
    const sessionFrom = 'from' in start.choice ? start.choice.from : null;
    return { ...plan, sessionFrom, provider: account.name, model: account.model };
  }

  /** The attempt's row and the host's order; `step` null: the main attempt. */
  prepare(given: {
    readonly run: Run;
    readonly agent: AgentDefinition;
    readonly plan: LaunchPlan | Planned;
    readonly step: (Step & { readonly workspace?: Workspace }) | null;
    /** Values by the names of their variables. */
    readonly secrets: Readonly<Record<string, string>>;
  }): Prepared {
    const { run, agent, plan, step, secrets } = given;
    const { fleet, digest, ledger } = this.#house;
    const attempt: Attempt = {
      ...this.#row(run, plan, {
        purpose: step?.purpose ?? 'main',
        limits: limitsOf(agent, step?.timeoutMs ?? agent.timeoutMs),
        graceMs: agent.gracePeriodMs,
      }),
      sessionFrom: 'sessionFrom' in plan ? plan.sessionFrom : null,
      provider: 'provider' in plan ? plan.provider : null,
      definition: run.trigger.kind === 'safety' ? printOf(agent, fleet.now.factory.environment, digest) : null,
    };
    const cwd = { main: workplaceOf(ledger, run, agent), precheck: agent.workingDir, workspace: '/', tidy: '/' };
    const user = fleet.project(run.project)?.user ?? this.#house.host.defaultUser;
    const place = step?.workspace ?? ledger.workspaces.get(run.id);
    // The agent has its own folder alone; what makes it works in that of all.
    const folder = attempt.purpose === 'main' ? place?.path : place?.home;
    const sandboxed = sandboxedBy(agent, agent.workspace === 'shared' ? null : (folder ?? null), attempt.purpose);
    const own = ownerOf(agent, attempt.provider);
    const spec = this.#specOf({ run, plan, attempt, user, cwd: cwd[attempt.purpose], sandboxed, own, secrets });
    const isMetered = agent.metering && attempt.purpose === 'main';
    const started = isMetered ? this.#metered(agent, spec, 'model' in plan ? plan.model : null) : spec;
    return { attempt, spec: started, workspace: step?.workspace ?? null };
  }

  /** The same for tidying up after `run`, whose agent may be gone. */
  prepareTidying(run: Run, workspace: Workspace, { plan, timeoutMs }: Step): Prepared {
    const agent = this.#house.fleet.agent(run.agent);
    const limits = tidyingLimits(agent, timeoutMs);
    const attempt = this.#row(run, plan, {
      purpose: 'tidy',
      limits,
      graceMs: agent?.gracePeriodMs ?? TIDYING_GRACE_MS,
    });
    const own = {
      project: run.project,
      envPass: agent?.envPass ?? [],
      env: agent?.env ?? {},
      cliTool: 'sh',
      provider: null,
    };
    const { project } = run;
    const level =
      agent?.sandbox ?? this.#house.fleet.project(project)?.sandbox ?? this.#house.fleet.now.factory.sandbox;
    const allowedAddresses = agent?.allowedAddresses ?? [];
    const place = { workingDir: workspace.source, folder: workspace.home };
    const sandboxed = { sandbox: level, project, allowedAddresses, ...place };
    const spec = this.#specOf({ run, plan, attempt, user: workspace.user, cwd: '/', sandboxed, own, secrets: {} });
    return { attempt, spec, workspace: null };
  }

  #metered(agent: AgentDefinition, spec: StartSpec, model: string | null): StartSpec {
    const file = meterFile(this.#house.files, spec.attemptId);
    return {
      ...spec,
      ...throughMeter(this.#house, agent, { start: { argv: spec.argv, env: spec.env, model }, file }),
      inputs: [...spec.inputs, file],
      sandbox: withMeterFile(spec.sandbox, file),
    };
  }

  /** Inside a transaction: the intent, before the host is asked. */
  writeIntent(run: Run, { attempt, workspace }: Prepared, note: Note): void {
    const { ledger } = this.#house;
    ledger.attempts.insert(attempt);
    if (workspace !== null) {
      ledger.workspaces.intend(workspace);
    }
    // Tidying up comes after the run, which has ended.
    if (attempt.purpose !== 'tidy') {
      move(ledger, run, BEGINS[attempt.purpose](attempt.number));
    }
    note({ kind: 'attempt.starting', ...subject(run), attempt: attempt.id, purpose: attempt.purpose });
  }

  #row(
    run: Run,
    plan: LaunchPlan,
    how: { readonly purpose: AttemptPurpose; readonly limits: Limits; readonly graceMs: number },
  ): Attempt {
    const { clock, files, boot } = this.#house;
    const id = this.nextId(run, how.purpose);
    return {
      id,
      run: run.id,
      number: run.attempts + 1,
      purpose: how.purpose,
      state: 'starting',
      intendedAt: clock.now(),
      startedAt: null,
      endedAt: null,
      identity: null,
      bootId: boot.bootId,
      outPath: files.outPath(id, 'out'),
      errPath: plan.separateStderr ? files.outPath(id, 'err') : null,
      sessionId: plan.sessionId,
      sessionFrom: null,
      provider: null,
      limits: how.limits,
      stopPlans: plansOf(how.graceMs, plan.stopManner),
      definition: null,
      stop: null,
      outcome: null,
      exit: null,
      kernel: null,
      note: null,
    };
  }

  #specOf(given: {
    readonly run: Run;
    readonly plan: LaunchPlan;
    readonly attempt: Attempt;
    readonly user: string | null;
    readonly cwd: string;
    readonly sandboxed: Omit<Sandboxed, 'login'>;
    /** What the agent itself says of its environment. */
    readonly own: EnvironmentOwner;
    readonly secrets: Readonly<Record<string, string>>;
  }): StartSpec {
    const { files, pauseFlags } = this.#house;
    const { run, plan, attempt, user, cwd, own } = given;
    const flags = pauseFlags.now;
    const stdinPath = plan.stdin === null ? null : files.inputPath(attempt.id);
    return {
      attemptId: attempt.id,
      label: run.agent,
      user,
      argv: plan.argv,
      cwd,
      env: { ...environmentOf(this.#house, own, plan.env), ...given.secrets },
      stdinPath,
      inputs: [...plan.files.map((file) => file.path), ...(stdinPath === null ? [] : [stdinPath])],
      sandbox: sandboxOf(
        { ...given.sandboxed, login: loginOf(this.#house, own)?.folder ?? null },
        this.#house.fleet.now,
        plan.files.map((file) => file.path),
      ),
      outPath: attempt.outPath,
      errPath: attempt.errPath,
      limits: attempt.limits as Limits,
      stopPlans: attempt.stopPlans as StartSpec['stopPlans'],
      pauseFlags: [flags.path(FACTORY_FLAG), ...(run.project === null ? [] : [flags.path(run.project)])],
    };
  }
}

/** Field by field, as everywhere: whoever copies a definition reads all of it. */
function sandboxedBy(agent: AgentDefinition, folder: string | null, purpose: AttemptPurpose): Omit<Sandboxed, 'login'> {
  const { workingDir, project, allowedAddresses } = agent;
  // What makes a worktree fetches from its origin first, which no agent is to need addresses for. Tidying up speaks to nobody.
  const fetches = purpose === 'workspace' && agent.workspace === 'worktree';
  const sandbox = fetches && agent.sandbox === 'strict' ? 'standard' : agent.sandbox;
  return { sandbox, workingDir, project, allowedAddresses, folder };
}
