// With which session of its CLI an attempt begins, and what its prompt is told of the attempts before.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import type { RunId } from '../../src/core/ids.ts';
import type { RequestReply } from '../../src/ports/control.ts';
import { claudeSaid, claudeTooLong, codexSaid } from '../support/cli-lines.ts';
import { DaemonRig } from '../support/daemon-rig.ts';

const claude = (more = ''): string =>
  `[[agents]]\nname = "worker"\nlayer = "Growth"\ncli_tool = "claude"\ntask = "Mend the fence."\n${more}\n`;
const CODEX = `[[agents]]\nname = "worker"\nlayer = "Growth"\ncli_tool = "codex"\ntask = "Mend the fence."\n`;

let rig: DaemonRig;
afterEach(async () => rig.dispose());

/** A factory whose attempts print `outputs`, one after the other; what each was asked is kept. */
async function factory(toml: string, outputs: readonly string[]): Promise<{ readonly prompts: string[] }> {
  rig = await DaemonRig.start({ toml });
  const prompts: string[] = [];
  rig.script('worker', (run) => {
    prompts.push(readFileSync(join(rig.dir, 'in', `${run.id}.${run.attempts}`), 'utf8'));
    const output = outputs[prompts.length - 1] ?? '';
    return { endsAfterMs: 1000, code: output.includes('"is_error":true') ? 1 : 0, output };
  });
  return { prompts };
}

/** The value of `option` in the command line of start number `at`. */
function option(at: number, name: string): string | undefined {
  const argv: readonly string[] = rig.host.starts[at]?.spec.argv ?? [];
  return argv.includes(name) ? argv[argv.indexOf(name) + 1] : undefined;
}

describe('a retry', () => {
  it('goes on with the session that an overloaded provider cut short', async () => {
    const { prompts } = await factory(claude(), [
      claudeSaid({ session: 's1', status: 529 }),
      claudeSaid({ session: 's1' }),
    ]);
    const run = await rig.run('worker');
    expect(run?.outcome).toEqual({ kind: 'succeeded' });
    expect(option(0, '--session-id')).toBeDefined();
    expect(option(1, '--resume')).toBe('s1');
    expect(prompts[1]).toContain('Go on where you stopped');
    expect(prompts[1]).not.toContain('Mend the fence');
  });

  it('goes on with it after the daemon died while it waited', async () => {
    await factory(claude(), [claudeSaid({ session: 's1', status: 529 }), claudeSaid({ session: 's1' })]);
    await rig.ask('worker');
    await rig.fact((fact) => fact.kind === 'run.retrying');
    await rig.restart();
    await rig.fact((fact) => fact.kind === 'run.ended');
    expect(option(1, '--resume')).toBe('s1');
  });

  it('never goes on with a conversation that outgrew its model, and hands its last words over as data', async () => {
    const { prompts } = await factory(claude(), [
      claudeTooLong('s1', 'I mended ``` half.'),
      claudeSaid({ session: 's2' }),
    ]);
    await rig.run('worker');
    expect(option(1, '--resume')).toBeUndefined();
    expect(option(1, '--session-id')).not.toBe(option(0, '--session-id'));
    expect(prompts[1]).toContain('## Task\n\nMend the fence.');
    expect(prompts[1]).toContain('This is attempt 2 at this task. Attempt 1 ended after 1 s as context.');
    expect(prompts[1]).toContain('````\nI mended ``` half.\n````');
    expect(rig.ledger.sessions.get('s1')?.usable).toBe(false);
    expect([...rig.ledger.states.all('meta').keys()].filter((key) => key.startsWith('words'))).toEqual([]);
  });

  it.each([
    ['goes on with a session as old as it may be', '{ max_age = "45s" }', 's1'],
    ['leaves an older one behind', '{ max_age = "20s" }', undefined],
    ['goes on with one that used as much as it may', '{ max_tokens = 110 }', 's1'],
    ['leaves one behind that used more', '{ max_tokens = 109 }', undefined],
  ])('%s', async (_title, session, resumed) => {
    // Chance moves the wait by a quarter at most.
    const retry = 'retry = { max = 1, backoff = "32s", cap = "32s" }';
    await factory(claude(`session = ${session}\n${retry}`), [
      claudeSaid({ session: 's1', status: 529 }),
      claudeSaid({ session: 's1' }),
    ]);
    await rig.run('worker');
    expect(option(1, '--resume')).toBe(resumed);
  });

  it('begins anew when its CLI has shown no session', async () => {
    const { prompts } = await factory(claude('retry = { max = 1, backoff = "0s" }'), [
      '',
      claudeSaid({ session: 's1' }),
    ]);
    await rig.run('worker');
    expect(option(1, '--resume')).toBeUndefined();
    expect(prompts[1]).toContain('Mend the fence.');
  });
});

describe('the usage of a run', () => {
  it('is the sum of its attempts', async () => {
    const used = { input: 100, output: 10 };
    await factory(claude(), [
      claudeSaid({ session: 's1', status: 529, used, costUsd: 0.02 }),
      claudeSaid({ session: 's1', used: { input: 7, output: 3 }, costUsd: 0.001 }),
    ]);
    expect((await rig.run('worker'))?.usage).toEqual({
      input: 107,
      cacheRead: 0,
      cacheWrite: null,
      output: 13,
      reasoning: null,
      costMicroUsd: 21_000,
    });
  });

  it('is a lower bound, and says so, when of one attempt nothing is known', async () => {
    await factory(claude('retry = { max = 1, backoff = "0s" }'), ['', claudeSaid({ session: 's1' })]);
    expect((await rig.run('worker'))?.usage).toMatchObject({ input: 100, partial: true });
  });

  it('takes a total that goes on with the session only once', async () => {
    await factory(`${CODEX}model = "gpt-5.1"\n`, [
      codexSaid('t1', { input: 1000, output: 10 }),
      codexSaid('t1', { input: 2500, output: 30 }),
    ]);
    const first = await rig.run('worker');
    const reply = await rig.command(async (control) =>
      control.run('worker', { key: 'again', session: { kind: 'resume', run: first?.id ?? '' } }),
    );
    const id = (reply as RequestReply | null)?.run.id as RunId | undefined;
    const second = await rig.until(() => {
      const run = id === undefined ? null : rig.ledger.runs.get(id);
      return run?.state === 'ended' ? run : null;
    });
    expect(first?.usage).toMatchObject({ input: 1000, output: 10 });
    expect(second?.usage).toMatchObject({ input: 1500, output: 20, price: 'listed', costMicroUsd: 1500 * 1.25 + 200 });
    expect(rig.host.starts[1]?.spec.argv.slice(-3)).toEqual(['resume', 't1', '-']);
  });
});

describe('an operator', () => {
  it('branches off the session of an earlier run, whose own goes on unchanged', async () => {
    const { prompts } = await factory(claude(), [claudeSaid({ session: 's1' }), claudeSaid({ session: 's2' })]);
    const first = await rig.run('worker');
    await rig.command(async (control) =>
      control.run('worker', { key: 'k', task: 'Paint it.', session: { kind: 'fork', run: first?.id ?? '' } }),
    );
    await rig.until(() => rig.factsOf('run.ended').length === 2);
    expect(option(1, '--resume')).toBe('s1');
    expect(option(1, '--session-id')).toBeDefined();
    expect(prompts[1]).toBe('Paint it.');
    expect(rig.ledger.sessions.get('s1')?.tokens).toBe(110);
    expect(rig.ledger.sessions.get('s2')?.tokens).toBe(220);
  });

  it.each([
    { code: 'session.unusable', toml: claude(), output: claudeTooLong('s1', 'x'), kind: 'resume' },
    { code: 'session.unusable', toml: claude('retry = { max = 0 }'), output: '', kind: 'resume' },
    { code: 'session.unsupported', toml: claude().replace('"claude"', '"gemini"'), output: '', kind: 'fork' },
  ] as const)('is told why not: $code', async ({ code, toml, output, kind }) => {
    await factory(toml, [output, output]);
    const first = await rig.run('worker');
    const reply = await rig.command(async (control) =>
      control.run('worker', { key: 'k', session: { kind, run: first?.id ?? '' } }),
    );
    expect(reply).toMatchObject({ refused: { code } });
  });

  it('cannot have a session that is in use', async () => {
    await factory(claude(), [claudeSaid({ session: 's1' })]);
    const reply = await rig.ask('worker');
    const answer = await rig.command(async (control) =>
      control.run('worker', { key: 'k', session: { kind: 'resume', run: reply?.run.id ?? '' } }),
    );
    expect(answer).toMatchObject({ refused: { code: 'session.busy' } });
  });
});
