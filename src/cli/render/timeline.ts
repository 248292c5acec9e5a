// Draws the observability of one run: its steps with their lengths, its leases, and the sums below.

import type { Lease, Overlap } from '../../core/trace/lease-graph.ts';
import type { KernelObservability } from '../../core/trace/observability.ts';
import type { TimelineStep } from '../../core/trace/timeline.ts';
import type { RunDetail } from '../../http/contract.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { Look } from './look.ts';
import { table } from './table.ts';
import { counted } from '../../lib/counted.ts';

/** Lengths below this are told in ms. */
const SHORT_MS = 10_000;

/** The lines of `adf timeline`. */
export function renderTimeline(detail: RunDetail, look: Look): readonly string[] {
  const seen = detail.observability ?? {};
  const steps = seen.reasoningTimeline ?? [];
  if (steps.length === 0) {
    return [`${detail.run.id} has no facts yet; what it waits for: adf why ${detail.run.agent}`];
  }
  return [
    ...table(
      ['AT', 'STEP', 'FOR', 'EVENT'],
      steps.map((step) => stepRow(step, look)),
      look,
    ),
    '',
    ...table(
      ['HELD', 'BY', 'FROM', 'TO', 'ENDED BY'],
      (seen.leaseGraph ?? []).map((lease) => leaseRow(lease, look)),
      look,
    ),
    ...(seen.leaseOverlaps ?? []).map((overlap) => look.style('bad', overlapText(overlap))),
    '',
    ...sums(seen),
    `check and see it again: adf replay ${detail.run.id}`,
  ];
}

function stepRow(step: TimelineStep, look: Look): readonly string[] {
  return [
    step.at === null ? '' : look.times.exact(step.at),
    step.idle && step.name !== 'ended' ? `${step.name} (idle)` : step.name,
    lengthText(step.lastsMs),
    step.label,
  ];
}

function leaseRow(lease: Lease, look: Look): readonly string[] {
  return [
    lease.what,
    lease.holder,
    look.times.exact(lease.from),
    lease.to === null ? 'held' : look.times.exact(lease.to),
    lease.endedBy ?? '',
  ];
}

function overlapText({ first, second }: Overlap): string {
  return `ALARM: ${first.what} held by ${first.holder} and ${second.what} held by ${second.holder} at once (#${first.fromSeq}, #${second.fromSeq})`;
}

function sums(seen: KernelObservability): readonly string[] {
  const { replayCost: cost, interruptLatencyMs, interruptEvents } = seen;
  const again =
    cost === undefined
      ? []
      : [
          `to run again: ${counted(cost.events, 'event')}, ${counted(cost.attempts, 'attempt')}, ${lengthText(cost.attemptMs) || 'time unknown'}, ${
            cost.costMicroUsd === null ? 'cost unknown' : `$${(cost.costMicroUsd / 1_000_000).toFixed(4)}`
          }`,
        ];
  const interrupted =
    interruptEvents === undefined
      ? []
      : [
          `interrupted, then resumed after ${counted(interruptEvents, 'event')}${interruptLatencyMs === undefined ? '' : ` and ${lengthText(interruptLatencyMs)}`}`,
        ];
  return [...again, ...interrupted];
}

function lengthText(ms: number | null): string {
  return ms === null ? '' : ms < SHORT_MS ? `${Math.round(ms)} ms` : formatDuration(ms);
}
