// The scenarios that every agent CLI is put through, and what its run row must say after each.

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import type { RunDetail } from '../../src/ports/control.ts';
import type { RunWish } from '../../src/ports/run-wish.ts';
import type { CliName } from './install.ts';
import { Kit } from './kit.ts';
import type { KitScenario } from './kit.ts';
import type { Scenario } from './mock-model/server.ts';
import { writeSection } from './table.ts';
import type { Measured } from './table.ts';
import { told } from './told.ts';
import type { Manner } from './told.ts';

/** A fault, and the one word that the run must end with (\`succeeded\` where the CLI gets over it). */
export interface FaultCase {
  readonly model: Scenario | 'refused';
  readonly ending: string;
}

/** What differs from CLI to CLI. */
export interface Expectations {
  /** Faults that this CLI gives up within seconds when its retries are bounded; the rest is in the recordings. */
  readonly faults: readonly FaultCase[];
  /** How a run ends whose first process somebody terminates from outside. */
  readonly terminated: string;
  /** False: it prints nothing before its first answer, so the deadline for the first line (two minutes) would have to be waited for. */
  readonly stalls: boolean;
  readonly forks: boolean;
  /** It tells what it uses as it goes; gemini tells at the end: its reservation and its time hold it. */
  readonly stopsAtBudget: boolean;
}

/** Registers the tests of \`cli\`. */
export function conform(cli: CliName, expected: Expectations): void {
  describe(cli, () => {
    const rows: Measured[] = [];
    let kit: Kit;

    beforeAll(async () => {
      kit = await Kit.start(cli, scenariosOf(expected));
    });
    afterAll(async () => {
      // A part of the scenarios, run by hand, is no section of the table.
      if (rows.length >= scenariosOf(expected).length) {
        writeSection(cli, kit.version, rows);
      }
      await kit.dispose();
    });

    /** Runs \`name\`; its tokens must be those of the server but for the named gaps, and nothing of it may live on. */
    async function check(
      name: string,
      manner: Manner,
      more: {
        readonly during?: (run: RunDetail['run']) => Promise<void>;
        readonly session?: RunWish['session'];
      } = {},
    ): Promise<RunDetail> {
      const before = kit.requestsOf(name).length;
      const detail = await kit.run(name, more.during, more.session);
      const requests = kit.requestsOf(name).slice(before);
      const answered = requests.filter((request) => request.tokens !== null);
      onTestFinished(() => {
        rows.push({
          scenario: more.session?.kind ?? name,
          run: detail.run,
          served: kit.sum(requests),
          requests: requests.length,
        });
      });
      const { costMicroUsd: _cost, price: _listed, ...usage } = detail.run.usage ?? { costMicroUsd: null };
      if (answered.length > 0) {
        expect(detail.run.usage === undefined ? null : usage).toEqual(told(cli, answered, manner));
      }
      expect(kit.left()).toEqual([]);
      return detail;
    }

    test('answers with text', async () => {
      expect((await check('text', 'by itself')).run.outcome).toEqual({ kind: 'succeeded' });
    });

    test.each(['tool', 'edit'])('makes a file by %s', async (name) => {
      expect((await check(name, 'by itself')).run.outcome).toEqual({ kind: 'succeeded' });
      expect(kit.made(name)).toBe('made-by-agent\n');
    });

    test('counts three runs that go on with a session, and one that branches off, each once', async () => {
      const first = await check('session', 'by itself');
      let last = first.run.id;
      const kinds = ['resume', 'resume', 'resume', ...(expected.forks ? (['fork'] as const) : [])] as const;
      for (const kind of kinds) {
        const { run, attempts } = await check('session', 'by itself', { session: { kind, run: last } });
        expect(run.outcome).toEqual({ kind: 'succeeded' });
        const isSame = attempts.at(-1)?.sessionId === first.attempts.at(-1)?.sessionId;
        expect(isSame).toBe(kind === 'resume');
        last = run.id;
      }
    });

    test.runIf(expected.stopsAtBudget)('is stopped in the middle by a budget of tokens', async () => {
      const { run } = await kit.run('budget');
      expect(run.outcome).toMatchObject({ kind: 'failed', class: 'own_limit' });
      expect(run.usage).toBeDefined();
      expect(kit.left()).toEqual([]);
      rows.push({
        scenario: 'budget',
        run,
        served: kit.sum(kit.requestsOf('budget')),
        requests: kit.requestsOf('budget').length,
      });
    });

    test('is interrupted in the middle of a tool', async () => {
      const { run } = await check('cancel', 'interrupted in a tool', {
        during: async ({ id }) => {
          await kit.inTool();
          await kit.cancel(id);
        },
      });
      expect(run.outcome).toMatchObject({ kind: 'canceled', class: 'operator' });
    });

    test('is terminated from outside, and its tool with it', async () => {
      const { run } = await check('terminate', 'killed in a tool', {
        during: async ({ id }) => {
          await kit.inTool();
          await kit.signal(id, 'SIGTERM');
        },
      });
      expect(endingOf(run)).toBe(expected.terminated);
    });

    test('is killed from outside, and its tool with it', async () => {
      const { run } = await check('kill', 'killed in a tool', {
        during: async ({ id }) => {
          await kit.inTool();
          await kit.signal(id, 'SIGKILL');
        },
      });
      expect(endingOf(run)).toBe('killed');
    });

    test.runIf(expected.stalls)('is stopped when its model is silent', async () => {
      expect(endingOf((await check('hang', 'by itself')).run)).toBe('stalled');
    });

    test.each(expected.faults)('meets $model and ends as $ending', async ({ model, ending }) => {
      expect(endingOf((await check(model, 'by itself')).run)).toBe(ending);
    });
  });
}

function scenariosOf({ faults, stalls, stopsAtBudget }: Expectations): readonly KitScenario[] {
  return [
    { name: 'text', model: 'text' },
    { name: 'tool', model: 'tool' },
    { name: 'edit', model: 'edit' },
    { name: 'session', model: 'text' },
    ...(stopsAtBudget ? [{ name: 'budget', model: 'loop', budget: 'tokens = 4000' } as const] : []),
    { name: 'cancel', model: 'sleep', more: 'grace_period_secs = 6' },
    { name: 'terminate', model: 'sleep' },
    { name: 'kill', model: 'sleep' },
    ...(stalls ? [{ name: 'hang', model: 'hang', more: 'stall_timeout = "4s"\nretry = { max = 0 }' } as const] : []),
    ...faults.map(({ model }): KitScenario => {
      // The CLI's own retries are the subject here, not the factory's.
      const more = 'retry = { max = 0 }';
      return model === 'refused' ? { name: model, model: 'text', refused: true, more } : { name: model, model, more };
    }),
  ];
}

/** The outcome as one word: its class, or its kind. */
function endingOf({ outcome }: RunDetail['run']): string {
  return outcome?.kind === 'failed' ? (outcome.class ?? 'failed') : (outcome?.kind ?? 'none');
}
