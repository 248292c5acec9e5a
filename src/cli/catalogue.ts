// Every command with its one-line summary, and where its code is: only the one that was typed is loaded.

import type { Define } from './command.ts';

/** A command before its code is loaded. */
export interface Verb {
  readonly name: string;
  readonly group: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly define: Define }>;
}

const SEE = 'See:';
const ASK = 'Ask for work:';

/** All commands, in the order in which help lists them. */
export const VERBS: readonly Verb[] = [
  {
    name: 'status',
    group: SEE,
    summary: 'what needs you, projects, agents',
    load: () => import('./commands/status.ts'),
  },
  { name: 'runs', group: SEE, summary: 'runs, newest first', load: () => import('./commands/runs.ts') },
  { name: 'show', group: SEE, summary: 'everything about one run', load: () => import('./commands/show.ts') },
  {
    name: 'logs',
    group: SEE,
    summary: "a run's output, or without a run what happens in the factory",
    load: () => import('./commands/logs.ts'),
  },
  {
    name: 'why',
    group: SEE,
    summary: 'when an agent runs next, and what every gate says',
    load: () => import('./commands/why.ts'),
  },
  { name: 'run', group: ASK, summary: 'run an agent now', load: () => import('./commands/run.ts') },
];
