// `adf why` as a person reads it: reason, numbers and next command for each thing that can hold an agent.

import { expect, it } from 'vitest';
import { renderWhy } from '../../../src/cli/render/why.ts';
import type { WhyView } from '../../../src/http/contract.ts';
import { asText, testLook } from '../../support/look.ts';
import { AT, FULL, PAUSED, SENTINEL, agentView, whyView } from '../../support/views.ts';

const FREE: Partial<WhyView> = { agent: agentView(), verdict: 'admit', reasons: [], skipped: [], commands: [] };

it.each<[string, WhyView, string]>([
  [
    'a pause by the breaker',
    whyView(),
    `
project-meta-sandbox would run next at 10:31:00 (in 12 s), but it will be refused:
  project.paused  .adf/pause/sandbox exists, put there by the breaker, since 10:30:45
all other gates say yes: slots.project 0 of 2 · slots.factory 1 of 4 · memory 256 MiB of 18 GiB free · pre-check none
refused: 4 slots (10:31:00 to 10:31:45), all project.paused
to resume:  rm .adf/pause/sandbox   or   adf resume sandbox
to see why: adf show r7m1 · adf issues show 4
`,
  ],
  [
    'two gates at once, in columns',
    whyView({
      verdict: 'defer',
      reasons: [FULL, { code: 'draining', text: 'the factory is draining', numbers: {} }],
      skipped: [],
      commands: ['adf drain --end'],
    }),
    `
project-meta-sandbox would run next at 10:31:00 (in 12 s), but it will wait:
  slots.project  running 2, limit 2
  draining       the factory is draining
all other gates say yes: slots.project 0 of 2 · slots.factory 1 of 4 · memory 256 MiB of 18 GiB free · pre-check none
to go on:   adf drain --end
`,
  ],
  [
    'nothing in the way, a clock change at the next slot, a CLI that is missing',
    whyView({
      ...FREE,
      nextNote: 'in the spring gap: runs at 03:00',
      warnings: ['claude is not on PATH'],
      commands: ['adf doctor'],
    }),
    `
steward runs next at 10:31:00 (in 12 s) [in the spring gap: runs at 03:00]
every gate says yes: slots.project 0 of 2 · slots.factory 1 of 4 · memory 256 MiB of 18 GiB free · pre-check none
warning: claude is not on PATH
to see why: adf doctor
`,
  ],
  [
    'an agent on demand that is paused',
    whyView({ nextAt: null, skipped: [], passing: [], commands: [] }),
    `
project-meta-sandbox runs only when asked (adf run sandbox/project-meta-sandbox): now it would be refused:
  project.paused  .adf/pause/sandbox exists, put there by the breaker, since 10:30:45
`,
  ],
  [
    'a Safety agent that runs',
    whyView({ ...FREE, agent: SENTINEL, nextAt: null, passing: [] }),
    `
sentinel is kept running (running now: r7k0)
`,
  ],
  [
    'slots that were skipped for reasons of their own',
    whyView({
      ...FREE,
      passing: [],
      skipped: [
        {
          from: AT,
          to: AT,
          count: 1,
          verdict: 'refused',
          reasons: [{ code: 'late', text: 'waited longer than late_ok', numbers: {} }],
        },
        { from: AT - 60_000, to: AT, count: 3, verdict: 'missed', reasons: [] },
      ],
    }),
    `
steward runs next at 10:31:00 (in 12 s)
refused: slot 10:30:45, late (waited longer than late_ok)
missed: 3 slots (10:29:45 to 10:30:45)
`,
  ],
  [
    'a pause by a person that will end by itself',
    whyView({
      reasons: [{ ...PAUSED, text: 'paused by eva', retryAt: AT + 7_200_000 }],
      skipped: [],
      passing: [],
      commands: [],
    }),
    `
project-meta-sandbox would run next at 10:31:00 (in 12 s), but it will be refused:
  project.paused  paused by eva, since 10:30:45; asked again at 12:30:45
`,
  ],
])('%s', (_title, view, text) => {
  expect(asText(renderWhy(view, testLook()))).toBe(text);
});
