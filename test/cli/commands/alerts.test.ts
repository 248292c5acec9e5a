// adf alerts and adf watchdog: what they ask, what they print, and how they end.

import { describe, expect, it } from 'vitest';
import { adf } from '../../support/cli.ts';
import { FakeControl, refused } from '../../support/fake-control.ts';
import { AT, alertDetail, alertView, watchView } from '../../support/views.ts';

const OFFER = {
  number: 1,
  action: 'release_agent',
  target: 'sandbox/steward',
  why: 'config is there again',
  state: 'offered',
  at: AT,
  by: null,
  result: null,
} as const;
const SAID = { at: AT, author: 'model', by: 'mini (ollama)', text: 'It cannot open its config.\nFix that.' } as const;
const TOLD = alertDetail({ messages: [SAID], suggestions: [OFFER], explaining: { kind: 'settled' } });

describe('adf alerts', () => {
  it('lists what is open, and says where the rest is', async () => {
    const { out, fake } = await run(['alerts'], {});
    expect(out).toBe(`ALERT  STATE     SINCE     ABOUT                  WHAT
a3     critical  10:30:45  agent sandbox/steward  sandbox/steward is held: 10 quick ends in 10 min → adf alerts show a3
`);
    expect(fake.inputs('alerts')).toEqual([[{ all: false, limit: 100 }]]);
    expect((await run(['alerts', 'list'], { alerts: async () => [] })).out).toBe(
      'no alerts; those that are over: adf alerts list --all\n',
    );
    expect((await run(['alerts', 'list', '--all', '--limit', '5'], {})).fake.inputs('alerts')).toEqual([
      [{ all: true, limit: 5 }],
    ]);
  });

  it('shows one with its conversation, its suggestions and what to type', async () => {
    expect((await run(['alerts', 'show', 'a3'], { alert: async () => TOLD })).out)
      .toBe(`a3  critical  agent sandbox/steward  since 10:30:45
  sandbox/steward is held: 10 quick ends in 10 min
  runs: adf show r7m1

– 10:30:45 model mini (ollama) –
It cannot open its config.
Fix that.

suggested
  1. release_agent sandbox/steward: config is there again → adf alerts fix a3 1

next: adf release sandbox/steward · adf alerts reply a3 TEXT · adf alerts ack a3 · adf alerts dismiss a3 · adf alerts resolve a3
`);
  });

  it('says that nobody explains where there is no model, and what is asked where there is one', async () => {
    const shown = async (explaining: typeof TOLD.explaining): Promise<string> =>
      (await run(['alerts', 'show', 'a3'], { alert: async () => alertDetail({ explaining }) })).out;
    expect(await shown({ kind: 'none' })).toContain('nobody explains it: agents.toml has no [ai] → adf explain ai');
    expect(await shown({ kind: 'asked', at: AT, failures: 0 })).toContain('the model is being asked');
    expect(await shown({ kind: 'asked', at: AT, failures: 2 })).toContain(
      'did not answer (2 of 3); asked again at 10:30:45',
    );
  });

  it('prints the same as JSON', async () => {
    expect(JSON.parse((await run(['alerts', 'show', 'a3', '--json'], { alert: async () => TOLD })).out)).toEqual(TOLD);
    expect(JSON.parse((await run(['alerts', 'list', '--json'], {})).out)).toEqual([alertView()]);
  });

  it('waits for the answer to a reply, and not with --no-wait', async () => {
    const asked = alertDetail({ explaining: { kind: 'asked', at: AT, failures: 0 } });
    const script = { alertReply: async () => asked, alert: async () => TOLD };
    const { out, fake } = await run(['alerts', 'reply', 'a3', 'is', 'it', 'the', 'disk?'], script);
    expect(fake.inputs('alertReply')).toMatchObject([['a3', { text: 'is it the disk?' }]]);
    expect(out).toContain('It cannot open its config.');
    expect((await run(['alerts', 'reply', 'a3', 'x', '--no-wait'], script)).fake.inputs('alert')).toEqual([]);
  });

  it.each(['ack', 'dismiss', 'resolve'] as const)('%s says who and why', async (move) => {
    const { fake } = await run(['alerts', move, 'a3', '--reason', 'known'], {});
    expect(fake.inputs('alertMove')).toMatchObject([['a3', move, { reason: 'known' }]]);
  });

  it('fix carries out the first suggestion that is left, and fails where it failed', async () => {
    const after = (state: 'done' | 'failed') => ({
      alert: async () => TOLD,
      alertFix: async () => alertDetail({ suggestions: [{ ...OFFER, state, by: 'alex', result: 'so it went' }] }),
    });
    const done = await run(['alerts', 'fix', 'a3'], after('done'));
    expect([done.code, done.fake.inputs('alertFix')]).toMatchObject([0, [['a3', { suggestion: 1 }]]]);
    expect(done.out).toContain('1. release_agent sandbox/steward: config is there again  done by alex: so it went');
    expect((await run(['alerts', 'fix', 'a3', '1'], after('failed'))).code).toBe(1);
  });

  it('tells a refusal, and exits 1', async () => {
    const script = { alert: async () => refused('alert.unknown', 'there is no alert "a9"') };
    const { code, err } = await run(['alerts', 'show', 'a9'], script);
    expect([code, err]).toEqual([1, 'adf: there is no alert "a9"\n']);
  });
});

describe('adf watchdog', () => {
  it('makes one cycle with --once, and says what is to be said', async () => {
    const view = watchView({
      checked: 5,
      pruned: [{ run: 'r1', agent: 'sandbox/one', found: 'failed' }],
      reconciled: [{ agent: 'sandbox/one', replicas: [0] }],
      left: [{ agent: 'sandbox/two', why: 'paused', text: 'project sandbox is paused' }],
    });
    const { out, code } = await run(['watchdog', '--once'], { watch: async () => view });
    expect([code, out]).toEqual([
      0,
      `5 runs checked, 1 pruned, 1 start asked for
pruned    sandbox/one: r1 failed; what is known: adf show r1
asked     sandbox/one: replica 0
left      sandbox/two: paused, project sandbox is paused; more: adf why sandbox/two
`,
    ]);
    expect(JSON.parse((await run(['watchdog', '--once', '--json'], { watch: async () => view })).out)).toEqual(view);
  });

  it('fails where an agent could not be seen to, and wants to be told --once', async () => {
    const view = watchView({ failed: [{ agent: 'sandbox/one', message: 'cannot be read' }] });
    const { code, out } = await run(['watchdog', '--once'], { watch: async () => view });
    expect([code, out]).toEqual([1, expect.stringContaining('FAILED    sandbox/one: cannot be read')]);
    const without = await run(['watchdog'], {});
    expect([without.code, without.err]).toEqual([2, expect.stringContaining('adf watchdog --once')]);
  });
});

async function run(argv: readonly string[], script: ConstructorParameters<typeof FakeControl>[0]) {
  const fake = new FakeControl(script);
  return { ...(await adf(fake, argv)), fake };
}
