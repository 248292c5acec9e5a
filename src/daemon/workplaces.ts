// Where runs work: the agent's own folder, or one that is made for the run before it starts.

import type { AgentDefinition } from '../core/fleet.ts';
import type { Run } from '../core/run/run.ts';
import { makingArgv } from '../core/workspace/script.ts';
import { liesInState, workspaceNames } from '../core/workspace/workspace.ts';
import type { Workspace } from '../core/workspace/workspace.ts';
import { OperationalError } from '../lib/operational-error.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { House } from './house.ts';
import { programPlan } from './precheck.ts';
import type { Step } from './precheck.ts';

/** Time for a fetch and a checkout, or for a copy. */
const MAKING_TIMEOUT_MS = 30 * 60_000;

/** The folder in which `run` works, or will. */
export function workplaceOf(ledger: Pick<Ledger, 'workspaces'>, run: Run, agent: AgentDefinition): string {
  const own = agent.workspace === 'shared' ? null : ledger.workspaces.get(run.id);
  return own?.path ?? agent.workingDir;
}

/** Workspaces that are still to be made. */
export class Workplaces {
  readonly #house: Pick<House, 'ledger' | 'fleet' | 'digest' | 'host' | 'files'>;

  constructor(house: Pick<House, 'ledger' | 'fleet' | 'digest' | 'host' | 'files'>) {
    this.#house = house;
  }

  /** Whether a folder has to be made before `run` can start. */
  needs(run: Run, agent: AgentDefinition): boolean {
    return agent.workspace !== 'shared' && this.#house.ledger.workspaces.get(run.id)?.state !== 'ready';
  }

  /** The step that makes it, and its row; the same names each time it is asked. Errors: `workspace`. */
  async plan(run: Run, agent: AgentDefinition): Promise<Step & { readonly workspace: Workspace }> {
    const { fleet, host, files, ledger } = this.#house;
    const { factory } = fleet.now;
    const user = fleet.project(run.project)?.user ?? host.defaultUser;
    if (user !== null && liesInState(factory)) {
      throw new OperationalError(
        'workspace',
        `${factory.workspaceDir} lies in the state directory, which ${user} cannot enter: set [factory] workspace_dir`,
      );
    }
    const workspace = ledger.workspaces.get(run.id) ?? this.#intended(run, agent, user);
    await files.makeHome(workspace.home, user);
    const argv = makingArgv(workspace, { base: agent.workspaceBase, stateDir: factory.stateDir });
    return { purpose: 'workspace', plan: programPlan(argv), timeoutMs: MAKING_TIMEOUT_MS, workspace };
  }

  #intended(run: Run, agent: AgentDefinition, user: string | null): Workspace {
    const { fleet, digest } = this.#house;
    const { workspaceDir: dir, stateDir } = fleet.now.factory;
    const isCopy = agent.workspace === 'copy';
    const { home, path, branch } = workspaceNames(run, { dir, stateDir, digest });
    return {
      run: run.id,
      kind: isCopy ? 'copy' : 'worktree',
      source: agent.workingDir,
      home,
      path,
      branch: isCopy ? null : branch,
      user,
      state: 'preparing',
      bytes: null,
      failures: 0,
      nextAt: 0,
    };
  }
}
