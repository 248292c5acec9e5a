// `adf runs` as a person reads it.

import { expect, it } from 'vitest';
import { renderRuns } from '../../../src/cli/render/runs.ts';
import { asText, testLook } from '../../support/look.ts';
import { AT, FAILED_RUN, FULL, PAUSED, runView, waitingRun } from '../../support/views.ts';

it('shows each run with its reason and the next command', () => {
  const runs = [
    waitingRun([FULL]),
    runView({ id: 'r7m3', state: 'running', outcome: null, exit: null, endedAt: null, startedAt: AT }),
    waitingRun([PAUSED], { id: 'r7m4', state: 'ended', outcome: { kind: 'refused' } }),
    FAILED_RUN,
    runView({ outcome: { kind: 'timed_out', class: 'wall', reason: 'after 20 s' }, requestedAt: AT - 86_400_000 }),
    runView({ outcome: { kind: 'canceled', class: 'drain', reason: '' } }),
    runView(),
  ];
  expect(asText(renderRuns(runs, testLook()))).toBe(`
RUN   AGENT                         STATE                   REQUESTED       TOOK   PEAK    WHY
r7m2  demo/steward                  waiting                 10:30:45        –      –       slots.project: running 2, limit 2 → adf why demo/steward
r7m3  demo/steward                  running                 10:30:45        3 s    41 MiB  –
r7m4  demo/steward                  refused                 10:30:45        –      –       project.paused: .adf/pause/sandbox exists, put there by the breaker, since 10:30:45 → adf why demo/steward
r7m1  sandbox/project-meta-sandbox  failed (agent_failure)  10:30:45        0.1 s  3 MiB   exit 1 → adf show r7m1
r7k2  demo/steward                  timed out (wall)        11-20 10:30:45  1.8 s  41 MiB  after 20 s → adf show r7k2
r7k2  demo/steward                  canceled (drain)        10:30:45        1.8 s  41 MiB  → adf show r7k2
r7k2  demo/steward                  succeeded               10:30:45        1.8 s  41 MiB  –
`);
});

it('says what to type when there is none', () => {
  expect(renderRuns([], testLook())).toEqual(['no runs match; all of them: adf runs']);
});
