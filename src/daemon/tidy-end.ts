// Writes down what came of tidying up a workspace: it is kept, it is gone, or it is tried again later.

import type { Outcome } from '../core/run/outcome.ts';
import type { Run } from '../core/run/run.ts';
import { tidied } from '../core/workspace/script.ts';
import type { House } from './house.ts';
import type { Note } from './recorder.ts';
import { subject } from './subject.ts';

/** Wait after a first failure; four times as long after each further one, up to the longest. */
const FIRST_RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 6 * 60 * 60_000;
/** As much of what git said as a fact tells. */
const SAID_CHARACTERS = 300;

/** How the attempt ended. */
export interface EndedTidying {
  readonly run: Run;
  /** `succeeded`: the script came to its end with exit code `code`. */
  readonly outcome: Outcome;
  readonly code: number | null;
  readonly output: string;
}

/** Inside the transaction that ends the attempt. */
export function endTidying(house: Pick<House, 'ledger' | 'clock'>, end: EndedTidying, note: Note): void {
  const { run, outcome, code, output } = end;
  const { workspaces } = house.ledger;
  const workspace = workspaces.get(run.id);
  if (workspace === null) {
    return;
  }
  const { path } = workspace;
  if (outcome.kind === 'succeeded' && code === 0) {
    const { bytes, branchGone } = tidied(output);
    const branch = branchGone ? null : workspace.branch;
    workspaces.update(run.id, { state: bytes === null ? 'gone' : 'kept', branch, bytes, failures: 0, nextAt: 0 });
    note(
      bytes === null
        ? { kind: 'workspace.gone', ...subject(run), path, branch }
        : { kind: 'workspace.kept', ...subject(run), path, branch, bytes },
    );
    return;
  }
  const message = whyNot(end);
  const retryAt = house.clock.now() + Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 4 ** workspace.failures);
  workspaces.update(run.id, { failures: workspace.failures + 1, nextAt: retryAt });
  note({ kind: 'workspace.stuck', ...subject(run), path, message, retryAt });
}

function whyNot({ outcome, code, output }: EndedTidying): string {
  if (outcome.kind === 'refused') {
    return outcome.reasons.map(({ text }) => text).join('; ');
  }
  const said = output.trim().slice(-SAID_CHARACTERS);
  return 'reason' in outcome ? outcome.reason : said === '' ? `exit ${code ?? 'unknown'}` : said;
}
