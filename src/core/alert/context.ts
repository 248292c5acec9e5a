// What the model is shown of the factory: the subject first, the rest in numbers, logs as quoted data.

import type { AlertRule } from './alert.ts';
import type { Standing } from './picture.ts';

/** The machine. */
export interface NodeSummary {
  readonly id: string;
  readonly address: string;
  readonly status: 'healthy' | 'draining';
  readonly cpuPercent: number | null;
  /** 0 where the total is unknown. */
  readonly memoryPercent: number | null;
}

/** One agent. */
export interface ServiceSummary {
  readonly name: string;
  /** The program that it runs. */
  readonly runtime: string;
  readonly replicasRunning: number;
  readonly replicasDesired: number;
  readonly status: Standing;
  readonly heldBecause: string | null;
  readonly errorCount1h: number;
  readonly restartCount24h: number;
}

/** How one run ended, with the end of what it printed. */
export interface RunSummary {
  readonly run: string;
  readonly agent: string;
  readonly ending: string;
  readonly reason: string;
  /** Epoch ms. */
  readonly endedAt: number | null;
  readonly recentLog: string;
}

/** Everything. */
export interface AlertContext {
  readonly factory: string;
  readonly nodes: readonly NodeSummary[];
  readonly services: readonly ServiceSummary[];
  readonly runs: readonly RunSummary[];
  /** What happened last to the subject, oldest first. */
  readonly events: readonly { readonly at: string; readonly what: string }[];
  /** The other alerts that are open. */
  readonly activeAlerts: readonly { readonly id: string; readonly rule: AlertRule; readonly text: string }[];
}

/** Share of the memory that is used; 0 when the total is unknown, null when the use is. */
export function memoryPercent(usedBytes: number | null, totalBytes: number): number | null {
  if (usedBytes === null) {
    return null;
  }
  return totalBytes <= 0 ? 0 : Math.round((usedBytes / totalBytes) * 100);
}
