// A folder of its own for one run: what it is called, where it stands in its life, and what the janitor does with it.

import type { Digest } from '../reconcile/canonical.ts';
import type { RunId } from '../ids.ts';
import type { Outcome } from '../run/outcome.ts';

/** Where an agent works: in its working_dir itself, in a git worktree of it, or in a copy of it. */
export type WorkspaceKind = 'shared' | 'worktree' | 'copy';

/**
 * Where a workspace stands. Each step is an attempt on the execution host; its intent is written before.
 *
 *                    ┌──┐ its attempt failed or was lost, the run goes on: made anew from nothing
 *                    ▼  │
 *   intent ───────► preparing ─────► ready ─────────► kept ─────────► gone
 *                       │     made     │  run failed    ▲    too old,   ▲
 *                       │              └────────────────┘    too much   │
 *                       └── run ended ──── run succeeded ───────────────┘
 *
 * A copy is kept also after a success: what was done in it is nowhere else.
 */
export type WorkspaceState = 'preparing' | 'ready' | 'kept' | 'gone';

/** The workspace of one run. Paths are absolute. */
export interface Workspace {
  readonly run: RunId;
  readonly kind: Exclude<WorkspaceKind, 'shared'>;
  /** The agent's working_dir: the repository that it is a worktree of, or what it is a copy of. */
  readonly source: string;
  /** Folder of all workspaces of the project; belongs to `user`. */
  readonly home: string;
  readonly path: string;
  /** Null: it has none, or the branch held nothing that is not elsewhere and was removed. */
  readonly branch: string | null;
  /** Who owns it; null: the user of the execution host. */
  readonly user: string | null;
  readonly state: WorkspaceState;
  /** What it takes on the disk, as measured when it was kept; null: not measured. */
  readonly bytes: number | null;
  /** Times in a row that tidying it up failed, and epoch ms before which it is not tried again. */
  readonly failures: number;
  readonly nextAt: number;
}

/** Whether workspaces lie in the state directory, which no other user can pass; so it is where nobody says otherwise. */
export function liesInState({
  workspaceDir,
  stateDir,
}: {
  readonly workspaceDir: string;
  readonly stateDir: string;
}): boolean {
  return `${workspaceDir}/`.startsWith(`${stateDir}/`);
}

/** Everything that could mean something to git in the name of a branch. */
const UNSAFE = /[^A-Za-z0-9_-]+/g;
/** Enough that another state directory with the same run ids, or this one made anew, never meets the same name. */
const TAG_LENGTH = 8;
/** Folder of agents without a project; no project can be called so. */
const NO_PROJECT = '-';

/** Names for the workspace of `run`: safe for the file system and for git, whatever agents and projects are called. */
export function workspaceNames(
  run: {
    readonly id: RunId;
    readonly agent: string;
    readonly project: string | null;
    readonly requestedAt: number;
  },
  at: { readonly dir: string; readonly stateDir: string; readonly digest: Digest },
): Pick<Workspace, 'home' | 'path' | 'branch'> {
  const tag = at.digest(`${at.stateDir}\n${run.id}\n${run.requestedAt}`).slice(0, TAG_LENGTH);
  const folder = `${run.id}-${tag}`;
  const agent = run.agent.slice(run.project === null ? 0 : run.project.length + 1);
  // A project's id is a file name already, and two of them must never share a folder.
  const home = `${at.dir}/${run.project ?? NO_PROJECT}`;
  return { home, path: `${home}/${folder}`, branch: `adf/${agent.replaceAll(UNSAFE, '-')}/${folder}` };
}

/** A workspace and how its run ended; null: it goes on. */
export interface Occupied {
  readonly workspace: Workspace;
  readonly ended: { readonly at: number; readonly kind: Outcome['kind'] } | null;
}

/**
 * What is done with a workspace whose run has ended. `fold`: what is uncommitted goes to the branch, then the folder goes.
 * `keep`: the same, and the folder is measured and stays. `purge`: the folder goes, committed or not.
 */
export type Chore = 'fold' | 'keep' | 'purge';

/** What the janitor keeps at most. */
export interface Keeping {
  readonly retentionMs: number;
  readonly maxBytes: number;
}

/** The chores that are due at `now`, the oldest first; while what is kept takes too much, the oldest of it goes. */
export function chores(
  all: readonly Occupied[],
  keeping: Keeping,
  now: number,
): readonly { readonly workspace: Workspace; readonly chore: Chore }[] {
  const ended = all
    .flatMap(({ workspace, ended: end }) => (end === null ? [] : [{ workspace, end }]))
    .toSorted((a, b) => a.end.at - b.end.at);
  let over = ended.reduce((sum, { workspace }) => sum + (workspace.bytes ?? 0), 0) - keeping.maxBytes;
  return ended.flatMap(({ workspace, end }) => {
    const isOver = workspace.state === 'kept' && over > 0;
    over -= isOver ? (workspace.bytes ?? 0) : 0;
    const chore = choreFor(workspace, end.kind, isOver || now - end.at >= keeping.retentionMs);
    return chore === null || workspace.nextAt > now ? [] : [{ workspace, chore }];
  });
}

function choreFor(workspace: Workspace, end: Outcome['kind'], mustGo: boolean): Chore | null {
  switch (workspace.state) {
    case 'preparing':
      // Nobody worked in it.
      return 'purge';
    case 'ready':
      return mustGo ? 'purge' : workspace.kind === 'worktree' && end === 'succeeded' ? 'fold' : 'keep';
    case 'kept':
      return mustGo ? 'purge' : null;
    case 'gone':
      return null;
  }
}
