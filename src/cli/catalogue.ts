// Every command with its one-line summary, and where its code is: only the one that was typed is loaded.

import type { Define } from './command.ts';

/** A command before its code is loaded. */
export interface Verb {
  readonly name: string;
  readonly group: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly define: Define }>;
}

const FACTORY = 'The factory:';
const SEE = 'See:';
const ASK = 'Ask for work:';
const HOLD = 'Hold and let go:';
const CONFIGURATION = 'agents.toml:';

function verb(group: string, name: string, rest: Pick<Verb, 'summary' | 'load'>): Verb {
  return { group, name, ...rest };
}

/** All commands, in the order in which help lists them. */
export const VERBS: readonly Verb[] = [
  verb(FACTORY, 'start', { summary: 'run the factory here', load: () => import('./commands/start.ts') }),
  verb(FACTORY, 'drain', {
    summary: 'start nothing more, let runs finish',
    load: () => import('./commands/drain.ts'),
  }),
  verb(FACTORY, 'reload', { summary: 'put agents.toml into force', load: () => import('./commands/reload.ts') }),
  verb(FACTORY, 'drift', {
    summary: 'whether what runs is what agents.toml says',
    load: () => import('./commands/drift.ts'),
  }),
  verb(FACTORY, 'plan', { summary: 'what apply would do', load: () => import('./commands/plan.ts') }),
  verb(FACTORY, 'apply', {
    summary: 'make it so, by a saved plan or by that of now',
    load: () => import('./commands/apply.ts'),
  }),
  verb(FACTORY, 'doctor', {
    summary: 'what this machine can enforce, and what is missing',
    load: () => import('./commands/doctor.ts'),
  }),
  verb(FACTORY, 'install', {
    summary: 'make this machine a build host, with a systemd service',
    load: () => import('./commands/install.ts'),
  }),
  verb(FACTORY, 'upgrade', {
    summary: 'put this version into force on this machine',
    load: () => import('./commands/upgrade.ts'),
  }),
  verb(FACTORY, 'uninstall', {
    summary: 'take the service away; what it knows stays',
    load: () => import('./commands/uninstall.ts'),
  }),
  verb(SEE, 'status', { summary: 'what needs you, projects, agents', load: () => import('./commands/status.ts') }),
  verb(SEE, 'alerts', {
    summary: 'what you should know of, explained',
    load: () => import('./commands/alerts.ts'),
  }),
  verb(SEE, 'agents', { summary: 'all agents', load: () => import('./commands/agents.ts') }),
  verb(SEE, 'runs', { summary: 'runs, newest first', load: () => import('./commands/runs.ts') }),
  verb(SEE, 'show', { summary: 'everything about one run', load: () => import('./commands/show.ts') }),
  verb(SEE, 'logs', {
    summary: "a run's output, or without a run what happens",
    load: () => import('./commands/logs.ts'),
  }),
  verb(SEE, 'timeline', {
    summary: 'where the time of a run went, and who held what',
    load: () => import('./commands/timeline.ts'),
  }),
  verb(SEE, 'replay', {
    summary: "check a run's facts and show them again",
    load: () => import('./commands/replay.ts'),
  }),
  verb(SEE, 'why', { summary: 'when an agent runs next, or why not', load: () => import('./commands/why.ts') }),
  verb(SEE, 'next', { summary: 'every coming slot', load: () => import('./commands/next.ts') }),
  verb(ASK, 'run', { summary: 'run an agent now', load: () => import('./commands/run.ts') }),
  verb(ASK, 'emit', { summary: 'tell an event', load: () => import('./commands/emit.ts') }),
  verb(ASK, 'retry', { summary: 'the same again as a run that ended', load: () => import('./commands/retry.ts') }),
  verb(ASK, 'cancel', { summary: 'end a run', load: () => import('./commands/cancel.ts') }),
  verb(ASK, 'try', { summary: 'one run without an entry in agents.toml', load: () => import('./commands/try.ts') }),
  verb(HOLD, 'pause', { summary: 'pause a project', load: () => import('./commands/pause.ts') }),
  verb(HOLD, 'resume', { summary: 'resume a project', load: () => import('./commands/resume.ts') }),
  verb(HOLD, 'release', { summary: 'end the quarantine of an agent', load: () => import('./commands/release.ts') }),
  verb(HOLD, 'breakers', { summary: 'the breakers of all projects', load: () => import('./commands/breakers.ts') }),
  verb(HOLD, 'breaker', { summary: 'show or move one breaker', load: () => import('./commands/breaker.ts') }),
  verb(HOLD, 'budget', {
    summary: 'what may be used, what was, and more for a while',
    load: () => import('./commands/budget.ts'),
  }),
  verb(HOLD, 'watchdog', {
    summary: 'look now at all that should be alive',
    load: () => import('./commands/watchdog.ts'),
  }),
  verb(HOLD, 'issues', { summary: 'issues of the local tracker', load: () => import('./commands/issues.ts') }),
  verb(HOLD, 'outbox', { summary: 'reactions that wait', load: () => import('./commands/outbox.ts') }),
  verb(CONFIGURATION, 'init', { summary: 'write one for a repository', load: () => import('./commands/init.ts') }),
  verb(CONFIGURATION, 'check', { summary: 'all that is wrong with it', load: () => import('./commands/check.ts') }),
  verb(CONFIGURATION, 'explain', { summary: 'what a key means', load: () => import('./commands/explain.ts') }),
  verb(CONFIGURATION, 'completion', {
    summary: 'completion of these commands for a shell',
    load: () => import('./commands/completion.ts'),
  }),
];
