// Folders of their own that runs work in, as the ledger knows them.

import type { RunId } from '../core/ids.ts';
import type { Occupied, Workspace } from '../core/workspace/workspace.ts';

/** What may change of a workspace. */
export type WorkspacePatch = Partial<Pick<Workspace, 'branch' | 'state' | 'bytes' | 'failures' | 'nextAt'>>;

/** Workspaces, at most one per run. */
export interface WorkspaceStore {
  /** Written before it is made; a second intent for the same run takes the place of the first. */
  intend(workspace: Workspace): void;
  get(run: RunId): Workspace | null;
  update(run: RunId, patch: WorkspacePatch): void;
  /** Every workspace that is, or may be, on the disk, with the end of its run. */
  there(): readonly Occupied[];
}
