// `adf status` as a person reads it.

import { expect, it } from 'vitest';
import { renderAgentStates } from '../../../src/cli/render/agents.ts';
import { renderStatus } from '../../../src/cli/render/status.ts';
import { asText, testLook } from '../../support/look.ts';
import { AT, FULL, META_SANDBOX, PAUSED, agentView, runView, statusView } from '../../support/views.ts';
import type { ActivityView, StatusView } from '../../../src/http/contract.ts';

const NONE: Partial<StatusView> = { projects: [], agents: [] };

it.each<[string, StatusView, number | null, string]>([
  [
    'says in one line that nothing is to do, then projects and agents',
    statusView(),
    null,
    `
nothing needs you: 4 agents in 2 projects · 1 of 4 running

PROJECT  STATE   RUNNING  LAST 1 H        WHY
demo     open    1/2      14 ok           –
sandbox  PAUSED  0/2      2 ok, 3 failed  breaker: failed ×3 (project-meta-sandbox) · issue #4 · rm .adf/pause/sandbox to resume

AGENT                 LAST              NEXT      STATE
steward               ok 10:30 (1.8 s)  10:31:00  scheduled
dependency-auditor    –                 10:35:00  scheduled
project-meta-sandbox  failed 10:30      –         paused since 10:30:45 → adf why project-meta-sandbox
sentinel              up 3 min 3 s      –         running r7k0 (Safety)
`,
  ],
  [
    'folds the reasons to the width of a terminal and loses none of them',
    statusView({ agents: [] }),
    80,
    `
nothing needs you: 0 agents in 2 projects · 1 of 4 running

PROJECT  STATE   RUNNING  LAST 1 H        WHY
demo     open    1/2      14 ok           –
sandbox  PAUSED  0/2      2 ok, 3 failed  breaker: failed ×3
                                          (project-meta-sandbox) · issue #4 · rm
                                          .adf/pause/sandbox to resume
`,
  ],
  [
    'puts what needs a person first, with the command',
    statusView({
      ...NONE,
      attention: [
        { text: 'the flag of sandbox cannot be written: EROFS', command: 'adf doctor' },
        { text: 'issue #4 is open', command: null },
      ],
      waiting: 2,
      outboxWaiting: 1,
      draining: true,
    }),
    null,
    `
! the flag of sandbox cannot be written: EROFS → adf doctor
! issue #4 is open
0 agents in 0 projects · 1 of 4 running · 2 waiting · 1 reaction waiting (adf outbox) · draining (adf drain --end lets it go on)
`,
  ],
  [
    'shows why an agent waits, is held, is off or runs only when asked',
    statusView({
      projects: [],
      agents: [
        agentView({ name: 'waits', waiting: [{ run: 'r7m2', reasons: [FULL] }] }),
        agentView({
          name: 'twin',
          key: 'a/twin',
          held: [{ code: 'quarantine', text: 'failed ×5', numbers: {}, retryAt: AT + 60_000 }],
        }),
        agentView({ name: 'twin', key: 'b/twin', enabled: false, nextAt: null }),
        agentView({
          name: 'asked',
          schedule: null,
          nextAt: null,
          last: runView({ endedAt: AT - 86_400_000, startedAt: null }),
        }),
      ],
    }),
    null,
    `
nothing needs you: 4 agents in 0 projects · 1 of 4 running

AGENT   LAST              NEXT      STATE
waits   ok 10:30 (1.8 s)  10:31:00  waiting r7m2: slots.project: running 2, limit 2 → adf why waits
a/twin  ok 10:30 (1.8 s)  –         quarantine: failed ×5; asked again at 10:31:45 → adf why a/twin
b/twin  ok 10:30 (1.8 s)  –         disabled
asked   ok 11-20 10:30    –         on demand
`,
  ],
])('%s', (_title, ...[view, width, text]) => {
  expect(asText(renderStatus(view, testLook(width)))).toBe(text);
});

it('lets no foreign text steer the terminal or break a line', () => {
  const evil = '\u001B[2J\u001B]0;owned\u0007a\nb\u202E\u0000c';
  const view = statusView({
    attention: [{ text: evil, command: null }],
    projects: [{ id: evil, state: 'open', running: 0, limit: 1, ok1h: 0, failed1h: 0, why: evil, todo: evil }],
    agents: [{ ...META_SANDBOX, name: evil, held: [{ ...PAUSED, code: 'late', text: evil }] }],
  });
  const lines = renderStatus(view, testLook());
  expect(lines).toHaveLength(8);
  expect(lines.join('')).not.toMatch(/[\p{Cc}\u202E]/u);
});

it.each<[ActivityView['state'], string]>([
  ['waiting', 'running r7k2: waiting for its provider, silent for 20 s'],
  ['parked', 'running r7k2: parked on its input, silent for 20 s'],
])('says of a running agent that it is %s', (state, text) => {
  const agent = agentView({ running: ['r7k2'], activity: { state, silentMs: 20_000 } });
  expect(asText(renderAgentStates([agent], testLook(null)))).toContain(text);
});
