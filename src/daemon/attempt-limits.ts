// Which limits an attempt is given, and what is done when one of them is crossed.

import type { AgentDefinition } from '../core/fleet.ts';
import { stopPlan } from '../core/supervise/stop-plan.ts';
import type { StopManner } from '../core/supervise/stop-plan.ts';
import type { HostLimit, Limits } from '../ports/execution-host.ts';

/** Tidying up after an agent that is no longer defined; its own limits hold where there are any. */
export const TIDYING_GRACE_MS = 10_000;
const TIDYING_MEMORY_BYTES = 1024 ** 3;
const TIDYING_OUTPUT_BYTES = 1024 ** 2;

/** The limits of an attempt of `agent` that may last `wallMs`. */
export function limitsOf(agent: AgentDefinition, wallMs: number): Limits {
  return {
    wallMs,
    memoryBytes: agent.maxMemoryBytes,
    memoryHighBytes: agent.memoryHighBytes,
    cpuMs: agent.maxCpuMs,
    cpuQuotaPercent: agent.cpuQuotaPercent,
    pids: agent.maxPids,
    outputBytes: agent.maxOutputBytes,
    outputBytesPerSecond: agent.maxOutputBytesPerSecond,
  };
}

/** What is done when one of them is crossed. */
export function plansOf(graceMs: number, manner: StopManner): Readonly<Record<HostLimit, ReturnType<typeof stopPlan>>> {
  return {
    wall: stopPlan('wall', graceMs, manner),
    cpu: stopPlan('cpu', graceMs, manner),
    memory: stopPlan('memory', graceMs, manner),
    output: stopPlan('output', graceMs, manner),
  };
}

/** The limits of what tidies up after `agent`; null: it is no longer defined. */
export function tidyingLimits(agent: AgentDefinition | null, wallMs: number): Limits {
  return {
    wallMs,
    memoryBytes: agent?.maxMemoryBytes ?? TIDYING_MEMORY_BYTES,
    cpuMs: null,
    cpuQuotaPercent: null,
    pids: null,
    outputBytes: TIDYING_OUTPUT_BYTES,
    outputBytesPerSecond: TIDYING_OUTPUT_BYTES,
  };
}
