// A factory with agents that are always on, for tests of the watchdog.

import type { WatchView } from '../../src/ports/watch-view.ts';
import { DaemonRig } from './daemon-rig.ts';

/** Longest pretended time of one cycle: an answer that does not come, asked for twice, and the grace between. */
const CYCLE_MS = 15_000;

/** `[[agents]]` named `names`, always on, in the project sandbox; `more` stands in each. */
export function alwaysOn(names: readonly string[], more = ''): string {
  const agents = names.map(
    (name) =>
      `[[agents]]\nname = "${name}"\nproject = "sandbox"\nlayer = "Safety"\ncli_tool = "sh"\ntask = "true"\n${more}\n`,
  );
  return `[factory]\nmax_concurrent_agents = 50\n\n[[projects]]\nid = "sandbox"\nworking_dir = "/repo"\nmax_concurrent_agents = 50\n\n${agents.join('\n')}`;
}

/** A rig in which `count` runs are alive and go on until told. */
export async function startWatchRig(toml: string, count: number): Promise<DaemonRig> {
  const rig = await DaemonRig.start({ toml, unscripted: {} });
  await rig.until(() => rig.ledger.attempts.open().filter((attempt) => attempt.state === 'running').length === count);
  return rig;
}

/** `adf watchdog --once`. */
export async function watch(rig: DaemonRig): Promise<WatchView> {
  const found: WatchView[] = [];
  const cycle = rig.daemon.control.watch().then((view) => found.push(view));
  await rig.until(() => found.length > 0, CYCLE_MS);
  await cycle;
  const [view] = found;
  if (view === undefined) {
    throw new Error('the cycle answered nothing');
  }
  return view;
}

/** Kills what `agent` runs, and nobody writes it down. */
export function vanish(rig: DaemonRig, agent: string): void {
  const runs = rig.ledger.runs.live().filter((run) => run.agent === agent);
  for (const attempt of rig.ledger.attempts.open()) {
    if (runs.some((run) => run.id === attempt.run)) {
      rig.host.vanish(attempt.id);
    }
  }
}
