// `adf show` as a person reads it.

import { expect, it } from 'vitest';
import { renderShow } from '../../../src/cli/render/show.ts';
import type { RunDetail } from '../../../src/http/contract.ts';
import { asText, testLook } from '../../support/look.ts';
import { AT, FULL, attemptView, facts, runDetail, runView, waitingRun } from '../../support/views.ts';

const BREAKER = facts(
  { kind: 'run.admitted', at: AT + 11 },
  { kind: 'breaker.counted', project: 'sandbox', failures: 3, threshold: 3, class: 'agent_failure' },
  { kind: 'breaker.opened', project: 'sandbox', incident: 'i1', failures: 3, class: 'agent_failure' },
  { kind: 'pause.set', flag: '.adf/pause/sandbox', owner: 'breaker' },
  { kind: 'reaction.done', target: 'tracker', effect: 'open', note: 'issue #4' },
);

const LONG = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`).join('\n');

it.each<[string, RunDetail, number | null, string]>([
  [
    'a failure and what it set in motion',
    runDetail({ facts: BREAKER }),
    null,
    `
r7m1  project-meta-sandbox · sandbox · failed (agent_failure) · exit 1
  10:30:45.000 due   10:30:45.011 admitted   10:30:45.016 started (pid 4711)   10:30:45.120 exited   0.104 s
  limits  256 MiB sampled (peak 3 MiB) · 20 s wall · 10 s cpu sampled (used 0.02 s)
  then    failure 3 of 3 for sandbox → breaker opened → pause flag .adf/pause/sandbox → open: issue #4
  output  .adf/out/r7m1.1.out (1 line)
    | break-me exists: failing as asked
  next    adf logs r7m1 · adf retry r7m1 · adf why sandbox/project-meta-sandbox
`,
  ],
  [
    'a run that waits',
    runDetail({
      run: waitingRun([FULL], { trigger: { kind: 'operator' } }),
      attempts: [],
      facts: [],
      output: { tail: '', bytes: 0 },
    }),
    null,
    `
r7m2  steward · demo · waiting
  10:30:45.000 asked for by operator
  why     slots.project: running 2, limit 2
  next    adf why demo/steward · adf cancel r7m2
`,
  ],
  [
    'a run that waits for its model',
    runDetail({
      run: runView({ outcome: null, exit: null, state: 'running', endedAt: null, cpuMs: null, peakMemoryBytes: null }),
      attempts: [
        attemptView({ state: 'running', outcome: null, exit: null, activity: { state: 'waiting', silentMs: 95_400 } }),
      ],
      facts: [],
      output: { tail: '', bytes: 0 },
    }),
    null,
    `
r7k2  steward · demo · running
  10:30:45.000 due   10:30:45.020 started (pid 4711)
  does    waiting for its provider, silent for 95 s
  limits  256 MiB sampled · 20 s wall · 10 s cpu sampled
  output  .adf/out/r7m1.1.out (empty)
  next    adf logs -f r7k2 · adf cancel r7k2
`,
  ],
  [
    'a second attempt, a stop, usage and no limit of processor time',
    runDetail({
      run: runView({
        trigger: { kind: 'event', event: 'push' },
        outcome: { kind: 'timed_out', class: 'wall', reason: 'after 2 h' },
        exit: { code: null, signal: 'SIGTERM' },
        startedAt: AT + 1000,
        endedAt: AT + 7_201_000,
        cpuMs: 61_000,
        usage: {
          input: 1200,
          cacheRead: 0,
          cacheWrite: null,
          output: 80,
          reasoning: null,
          costMicroUsd: 12_300,
          billing: 'billed',
        },
      }),
      attempts: [
        attemptView({
          id: 'r7k2.1p',
          purpose: 'precheck',
          outcome: { kind: 'succeeded' },
          exit: { code: 0, signal: null },
        }),
        attemptView({ id: 'r7k2.1', outcome: { kind: 'failed', class: 'network', reason: 'no route' } }),
        attemptView({
          id: 'r7k2.2',
          number: 2,
          outcome: { kind: 'timed_out', limit: 'wall', reason: '' },
          exit: { code: null, signal: 'SIGTERM' },
          stop: { kind: 'wall', limitMs: 7_200_000 },
          note: 'output cut by 3 MiB',
          limits: { wallMs: 7_200_000, memoryBytes: 1024 ** 3, cpuMs: null, pids: 64 },
        }),
      ],
      facts: [],
      output: { tail: LONG, bytes: 5 * 1024 ** 2 },
    }),
    null,
    `
r7k2  steward · demo · timed out (wall) · signal SIGTERM
  10:30:45.000 asked for by push   10:30:46.000 started (pid 4711)   12:30:46.000 exited   2 h
  why     after 2 h
  limits  1 GiB sampled (peak 41 MiB) · 2 h wall · no cpu limit (used 61 s) · 64 processes none
  usage   1200 input · 0 cache read · unknown cache write · 80 output · unknown reasoning · $0.0123 billed
  check   r7k2.1p · succeeded · exit 0
  attempt r7k2.1 · failed (network) · exit 1
  attempt r7k2.2 · timed out (wall) · signal SIGTERM · stopped for wall · output cut by 3 MiB
  output  .adf/out/r7m1.1.out (5 MiB; the last 20 lines, all: adf logs r7k2)
${Array.from({ length: 20 }, (_, index) => `    | line ${index + 11}`).join('\n')}
  next    adf logs r7k2 · adf retry r7k2 · adf why demo/steward
`,
  ],
  [
    'what the kernel counted',
    runDetail({
      attempts: [
        attemptView({
          kernel: {
            oomKills: 3,
            ownLimitHits: 1,
            sharedLimitHits: 2,
            sharedLimit: '/sys/fs/cgroup/adf.slice',
            pidsRefused: 4,
            atLimit: 120,
            throttledMs: 1500,
          },
        }),
      ],
      facts: [],
      output: { tail: '', bytes: 0 },
    }),
    null,
    `
r7m1  project-meta-sandbox · sandbox · failed (agent_failure) · exit 1
  10:30:45.000 due   10:30:45.016 started (pid 4711)   10:30:45.120 exited   0.104 s
  limits  256 MiB sampled (peak 3 MiB) · 20 s wall · 10 s cpu sampled (used 0.02 s)
  kernel  memory.events oom_kill 3, oom 1, max 120 · /sys/fs/cgroup/adf.slice oom 2 · pids.events max 4 · cpu.stat throttled 1.500 s
  output  .adf/out/r7m1.1.out (empty)
  next    adf logs r7m1 · adf retry r7m1 · adf why sandbox/project-meta-sandbox
`,
  ],
  [
    'output that is hostile and too wide',
    runDetail({
      facts: [],
      output: { tail: '\u001B[31mred\u001B[0m\u0007\n\tabcdefghijklmnopqrstuvwxyz0123456789\n', bytes: 60 },
    }),
    30,
    `
r7m1  project-meta-sandbox · sandbox · failed (agent_failure) · exit 1
  10:30:45.000 due   10:30:45.016 started (pid 4711)   10:30:45.120 exited   0.104 s
  limits  256 MiB sampled (peak 3 MiB) · 20 s wall · 10 s cpu sampled (used 0.02 s)
  output  .adf/out/r7m1.1.out (60 B; the last 2 lines, all: adf logs r7m1)
    | red
    |     abcdefghijklmnopqrs…
  next    adf logs r7m1 · adf retry r7m1 · adf why sandbox/project-meta-sandbox
`,
  ],
])('%s', (_title, ...[view, width, text]) => {
  expect(asText(renderShow(view, testLook(width)))).toBe(text);
});
