// What a driver is told by default in the tests of this room.

import type { LaunchInput } from '../../src/ports/agent-driver.ts';

/** A launch of `changes.program` (`exec-me`) with nothing else asked for. */
export function launchInput(changes: Partial<LaunchInput>): LaunchInput {
  return {
    program: 'exec-me',
    task: null,
    persona: null,
    skills: [],
    findings: null,
    data: null,
    handOver: null,
    filePrefix: '/state/r1.1',
    args: [],
    model: null,
    workingDir: '/repo',
    session: null,
    live: false,
    settings: { permissionMode: null, allowedTools: [], deniedTools: [], maxTurns: null, maxBudgetMicroUsd: null },
    ...changes,
  };
}
