// The scenarios that every agent CLI is put through, and what its run row must say after each.

import type { RunDetail, RunView } from '../ports/control.ts';
import type { RunWish } from '../ports/run-wish.ts';
import type { CliName, Expectations, FaultCase } from './expectations.ts';
import { EXPECTATIONS } from './expectations.ts';
import type { Kit, KitAgentWish } from './kit.ts';
import type { Tokens } from './mock-model/tokens.ts';
import { told } from './told.ts';
import type { Manner } from './told.ts';

/** One run of a scenario, and what is wrong with it. */
export interface Measured {
  readonly scenario: string;
  readonly run: RunView;
  /** The server's own count. */
  readonly served: Tokens;
  readonly requests: number;
  /** How it should have ended, in one word. */
  readonly expected: string;
  /** Sentences; none: all is as it should be. */
  readonly wrong: readonly string[];
}

/** A scenario: what a CLI does in it, as a sentence, and how it is played. */
export interface Case {
  readonly scenario: string;
  readonly title: string;
  /** Runs that it makes. */
  readonly runs: number;
  readonly play: (kit: Kit) => Promise<readonly Measured[]>;
}

/** Within this time whoever is parked is found, and has ended. */
const FOUND_MS = 60_000;

/** What the scenarios of `cli` are. */
export function casesOf(cli: CliName): readonly Case[] {
  const expected = EXPECTATIONS[cli];
  return [
    once('text', 'answers with text', { ending: 'succeeded' }),
    makesFile('tool'),
    makesFile('edit'),
    sessions(expected.forks),
    ...(expected.stopsAtBudget ? [budget()] : []),
    once('cancel', 'is interrupted in the middle of a tool', {
      ending: 'operator',
      manner: 'interrupted in a tool',
      during: async (kit, { id }) => kit.cancel(id),
    }),
    signaled('terminate', 'SIGTERM', expected.terminated),
    signaled('kill', 'SIGKILL', 'killed'),
    ...(expected.parks ? [parked()] : []),
    ...(expected.stalls ? [once('hang', 'is stopped when its model is silent', { ending: 'stalled' })] : []),
    ...expected.faults.map(({ model, ending }) => once(model, `meets ${model} and ends as ${ending}`, { ending })),
  ];
}

/** The agents that these scenarios want. */
export function agentsOf(cli: CliName): readonly KitAgentWish[] {
  const { faults, parks, stalls, stopsAtBudget } = EXPECTATIONS[cli];
  return [
    { name: 'text', model: 'text' },
    { name: 'tool', model: 'tool' },
    { name: 'edit', model: 'edit' },
    { name: 'session', model: 'text' },
    ...(stopsAtBudget ? [{ name: 'budget', model: 'loop', budget: 'tokens = 4000' } as const] : []),
    { name: 'cancel', model: 'sleep', more: 'grace_period_secs = 6' },
    { name: 'terminate', model: 'sleep' },
    { name: 'kill', model: 'sleep' },
    ...(parks ? [{ name: 'parked', model: 'text', silentInput: true, more: 'retry = { max = 0 }' } as const] : []),
    ...(stalls ? [{ name: 'hang', model: 'hang', more: 'stall_timeout = "4s"\nretry = { max = 0 }' } as const] : []),
    ...faults.map(faultAgent),
  ];
}

function faultAgent({ model }: FaultCase): KitAgentWish {
  // The CLI's own retries are the subject here, not the factory's.
  const more = 'retry = { max = 0 }';
  return model === 'refused' ? { name: model, model: 'text', refused: true, more } : { name: model, model, more };
}

interface Play {
  readonly ending: string;
  readonly manner?: Manner;
  /** Once its endless tool goes on. */
  readonly during?: (kit: Kit, run: RunView) => Promise<void>;
}

function once(scenario: string, title: string, play: Play): Case {
  return { scenario, title, runs: 1, play: async (kit) => [await measure(kit, scenario, play)] };
}

function signaled(scenario: string, signal: NodeJS.Signals, ending: string): Case {
  const verb = signal === 'SIGKILL' ? 'killed' : 'terminated';
  return once(scenario, `is ${verb} from outside, and its tool with it`, {
    ending,
    manner: 'killed in a tool',
    during: async (kit, { id }) => kit.signal(id, signal),
  });
}

function makesFile(scenario: 'tool' | 'edit'): Case {
  return {
    scenario,
    title: `makes a file by ${scenario}`,
    runs: 1,
    play: async (kit) => {
      const measured = await measure(kit, scenario, { ending: 'succeeded' });
      const made = kit.made(scenario);
      const wrong = made === 'made-by-agent\n' ? [] : [`the file holds ${JSON.stringify(made)}`];
      return [{ ...measured, wrong: [...measured.wrong, ...wrong] }];
    },
  };
}

function sessions(forks: Expectations['forks']): Case {
  const kinds = ['resume', 'resume', 'resume', ...(forks ? (['fork'] as const) : [])] as const;
  return {
    scenario: 'session',
    title: `counts three runs that go on with a session${forks ? ', and one that branches off,' : ''} each once`,
    runs: 1 + kinds.length,
    play: async (kit) => {
      const first = await measured(kit, 'session', { ending: 'succeeded' });
      const all = [first];
      for (const kind of kinds) {
        const session = { kind, run: all.at(-1)?.run.id ?? '' };
        const next = await measured(kit, 'session', { ending: 'succeeded', session });
        const isSame = next.sessionId === first.sessionId;
        const wrong = isSame === (kind === 'resume') ? [] : [`the session is ${isSame ? 'the same' : 'another one'}`];
        all.push({ ...next, wrong: [...next.wrong, ...wrong] });
      }
      return all;
    },
  };
}

function parked(): Case {
  return {
    scenario: 'parked',
    title: 'is found within a minute where it waits for an input that nobody writes',
    runs: 1,
    play: async (kit) => {
      const result = await measure(kit, 'parked', { ending: 'stalled' });
      const { startedAt, endedAt, outcome } = result.run;
      const tookMs = (endedAt ?? Number.POSITIVE_INFINITY) - (startedAt ?? 0);
      const wrong = [
        ...(tookMs <= FOUND_MS ? [] : [`it was found after ${tookMs} ms`]),
        ...(outcome?.reason?.startsWith('parked: ') === true ? [] : [`it was stopped for "${outcome?.reason ?? ''}"`]),
      ];
      return [{ ...result, wrong: [...result.wrong, ...wrong] }];
    },
  };
}

/** Which request was in flight when it was stopped is chance: what it tells is only asked for. */
function budget(): Case {
  return {
    scenario: 'budget',
    title: 'is stopped in the middle by a budget of tokens',
    runs: 1,
    play: async (kit) => {
      const { run } = await kit.run('budget');
      const requests = kit.requestsOf('budget');
      return [
        {
          scenario: 'budget',
          run,
          served: kit.sum(requests),
          requests: requests.length,
          expected: 'own_limit',
          wrong: [
            ...endingWrong(run, 'own_limit'),
            ...(run.usage === undefined ? ['it tells no usage'] : []),
            ...leftWrong(kit),
          ],
        },
      ];
    },
  };
}

async function measure(kit: Kit, scenario: string, play: Play): Promise<Measured> {
  const { sessionId: _session, ...result } = await measured(kit, scenario, play);
  return result;
}

/** Runs `scenario`; its tokens must be those of the server but for the named gaps, and nothing of it may live on. */
async function measured(
  kit: Kit,
  scenario: string,
  play: Play & { readonly session?: RunWish['session'] },
): Promise<Measured & { readonly sessionId: string | null }> {
  const before = kit.requestsOf(scenario).length;
  const { during, session } = play;
  const detail = await kit.run(scenario, {
    ...(session === undefined ? {} : { session }),
    ...(during === undefined
      ? {}
      : {
          during: async (run) => {
            await kit.inTool();
            await during(kit, run);
          },
        }),
  });
  const requests = kit.requestsOf(scenario).slice(before);
  const { run } = detail;
  return {
    scenario: session?.kind ?? scenario,
    run,
    served: kit.sum(requests),
    requests: requests.length,
    expected: play.ending,
    sessionId: detail.attempts.at(-1)?.sessionId ?? null,
    wrong: [
      ...endingWrong(run, play.ending),
      ...usageWrong(kit, detail, { requests, manner: play.manner ?? 'by itself' }),
      ...leftWrong(kit),
    ],
  };
}

/** The outcome as one word: its class, or its kind. */
export function endingOf({ outcome }: RunView): string {
  return outcome?.class ?? outcome?.kind ?? 'none';
}

function endingWrong(run: RunView, expected: string): readonly string[] {
  const ending = endingOf(run);
  return ending === expected ? [] : [`it ended as ${ending}, not as ${expected}: ${run.outcome?.reason ?? ''}`];
}

function usageWrong(
  kit: Kit,
  { run }: RunDetail,
  served: { readonly requests: ReturnType<Kit['requestsOf']>; readonly manner: Manner },
): readonly string[] {
  const answered = served.requests.filter((request) => request.tokens !== null);
  if (answered.length === 0) {
    return [];
  }
  const want = tokensText(told(kit.capabilities, answered, served.manner));
  const got = tokensText(run.usage ?? null);
  return got === want ? [] : [`it told ${got} tokens, not ${want}`];
}

function leftWrong(kit: Kit): readonly string[] {
  const left = kit.left();
  return left.length === 0 ? [] : [`processes ${left.join(', ')} live on`];
}

/** Five kinds, in the order of the table; – is a figure that is not told. */
export function tokensText(of: { readonly [Kind in keyof Tokens]: number | null } | null): string {
  return of === null
    ? '–'
    : [of.input, of.cacheRead, of.cacheWrite, of.output, of.reasoning].map((count) => count ?? '–').join(' / ');
}
