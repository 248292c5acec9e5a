// What doctor says of the execution host: how limits are held here, and what of sandboxes can be had.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DoctorCheck } from '../cli/local.ts';
import { definedEnvironment, readEnvironment } from '../config/env.ts';
import { findProgram } from '../config/this-machine.ts';
import type { Fleet, HostChoice } from '../core/fleet.ts';
import type { AttemptEnforcement } from '../core/run/run.ts';
import { hasAddressList, type Sandboxing } from '../core/sandbox/sandbox.ts';
import { messageOf, rethrow } from '../lib/operational-error.ts';
import type { Enforcement } from '../ports/execution-host.ts';
import { replaceableSecrets, sandboxes, sharedUsers } from './doctor-agents.ts';
import { makeExecutionHost } from './execution-host.ts';
import { finding, ok } from './findings.ts';
import { packageVersion } from './package-files.ts';

/** What the execution host would hold; `defaultUser`: of agents whose project names none. */
export async function enforcement(
  fleet: Fleet | null,
): Promise<{ readonly checks: readonly DoctorCheck[]; readonly defaultUser: string | null }> {
  let asked: Asked;
  try {
    const addresses = fleet?.agents.some(hasAddressList) ?? false;
    asked = await askScratchHost({ choice: fleet?.factory.host ?? 'auto', addresses });
  } catch (error) {
    const text = `the execution host cannot say how it would hold limits: ${messageOf(error)}`;
    return { checks: [finding('missing limits', text, null)], defaultUser: null };
  }
  const { held, sandboxing, defaultUser } = asked;
  const checks = [
    ...limitChecks(held),
    findProgram('fallocate', readEnvironment()['PATH']) === null
      ? finding(
          'limited output cap',
          'fallocate is missing: an agent over max_output is stopped instead of cut',
          'install util-linux',
        )
      : ok('output cap', 'output over max_output is cut in the middle (fallocate)'),
    ...sandboxes(fleet, sandboxing),
    ...(fleet === null ? [] : [...sharedUsers(fleet, defaultUser), ...replaceableSecrets(fleet, defaultUser)]),
  ];
  return { checks, defaultUser };
}

/** How `held` holds limits and ends trees. */
export function limitChecks(held: AttemptEnforcement): readonly DoctorCheck[] {
  const words = `memory ${held.memory} · processor time ${held.cpu} · processes ${held.pids} · cpu quota ${held.cpuQuota}`;
  const isKernel = held.memory === 'kernel' && held.pids === 'kernel' && held.cpuQuota === 'kernel';
  return [
    isKernel
      ? ok('limits', words)
      : finding(
          'limited limits',
          words,
          'sampled limits are looked at up to ten times a second; for kernel limits: adf install, or systemd-run --user --scope -p Delegate=yes adf start',
        ),
    held.tree === 'cgroup'
      ? ok('tree kill', 'whole trees are ended by cgroup.kill')
      : finding(
          'limited tree kill',
          'no cgroup can be made: processes that leave their group and clear their environment are not found',
          'mount cgroup v2 writable (kernel 5.14 or newer)',
        ),
  ];
}

/** What an execution host says of itself. */
interface Asked {
  readonly held: Enforcement;
  readonly sandboxing: Sandboxing;
  readonly defaultUser: string | null;
}

/** A host of its own in a folder of its own, which is gone after: the daemon's keeper speaks with the daemon alone. */
export async function askScratchHost(
  { choice, addresses }: { readonly choice: HostChoice; readonly addresses: boolean },
  make = makeExecutionHost,
): Promise<Asked> {
  const folder = mkdtempSync(join(tmpdir(), 'adf-doctor-'));
  try {
    // Hosts make folders beside their state directory, too.
    const stateDir = join(folder, 'state');
    mkdirSync(stateDir);
    const environment = definedEnvironment();
    const host = make({
      choice,
      stateDir,
      version: packageVersion(),
      environment,
      log: () => undefined,
      fail: rethrow,
    });
    try {
      await host.connect({ cursors: [], held: [] }, () => undefined);
      return {
        held: await host.enforcement(),
        sandboxing: await host.sandboxing({ addresses }),
        defaultUser: host.defaultUser,
      };
    } finally {
      await host.close('end');
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
