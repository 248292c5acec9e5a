// Starts an agent CLI through a meter: a process of its own beside it that counts what its model answers.

import type { AgentDefinition } from '../core/fleet.ts';
import type { AttemptId } from '../core/ids.ts';
import { OperationalError } from '../lib/operational-error.ts';
import type { StartToMeter } from '../ports/agent-driver.ts';
import type { StartSpec } from '../ports/execution-host.ts';
import type { House } from './house.ts';

/** The file of `attempt`'s meter: among its input files, because there its user can be given one. */
export function meterFile(files: Pick<House['files'], 'inputPath'>, attempt: AttemptId): string {
  return `${files.inputPath(attempt)}.meter`;
}

/** `start` of `agent` with a meter that writes `file`. Throws OperationalError `launch.metering` where there can be none. */
export function throughMeter(
  house: Pick<House, 'driverFor' | 'meter'>,
  agent: AgentDefinition,
  { start, file }: { readonly start: StartToMeter; readonly file: string },
): Pick<StartSpec, 'argv' | 'env'> {
  const { metered } = house.driverFor(agent.cliTool);
  if (metered === undefined) {
    const message = `${agent.cliTool} cannot be metered: only agent CLIs with a driver can; remove metering`;
    throw new OperationalError('launch.metering', message);
  }
  const { argv, env, upstreams } = metered(start);
  return { argv, env: { ...start.env, ...env, ...house.meter({ file, upstreams }) } };
}

/** `sandbox` in which a meter's `file` can be written. */
export function withMeterFile(sandbox: StartSpec['sandbox'], file: string): StartSpec['sandbox'] {
  return sandbox === null ? null : { ...sandbox, writable: [...sandbox.writable, file] };
}
