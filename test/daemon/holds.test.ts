// Accounts of model providers: one failure holds all agents of an account, one run tries it, and nobody is to blame.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import { claudeSaid } from '../support/cli-lines.ts';
import { DaemonRig } from '../support/daemon-rig.ts';

const MINUTE_MS = 60_000;
const AGENTS = 20;
const AT_ONCE = 4;

const agent = (name: string, more = ''): string =>
  `[[agents]]\nname = "${name}"\nlayer = "Growth"\nproject = "web"\ncli_tool = "claude"\ntask = "Work."\n${more}\n`;
const fleet = (agents: string): string =>
  `[factory]\nreset_skew = "1m"\nmax_concurrent_agents = ${AT_ONCE}\n\n[[projects]]\nid = "web"\n[projects.breaker]\nagents = ["*"]\nthreshold = 1\n\n${agents}`;
const MANY = fleet(Array.from({ length: AGENTS }, (_, at) => agent(`a${at}`)).join('\n'));

let rig: DaemonRig;
afterEach(async () => rig.dispose());

/** Asks for a run of each agent of the fleet. */
async function askAll(): Promise<void> {
  for (const { name } of rig.fleet.now.agents) {
    await rig.ask(name);
  }
}

/** Every agent's provider refuses until `resetsAt`, and says so. */
function refuseUntil(at: number, announced = true): void {
  for (const { key } of rig.fleet.now.agents) {
    rig.script(key, (run) => {
      const refused = rig.clock.now() < at;
      const output = claudeSaid({
        session: `session of ${run.id}`,
        ...(refused ? { status: 429, used: { input: 0, output: 0 } } : {}),
        ...(refused && announced ? { resetsAt: at / 1000 } : {}),
      });
      return { endsAfterMs: 2000, code: refused ? 1 : 0, output };
    });
  }
}

describe('twenty agents on one account', () => {
  it('are all held by a used-up plan, also over a restart, and all go on after its reset', async () => {
    rig = await DaemonRig.start({ toml: MANY });
    const resetAt = Math.ceil((rig.clock.now() + 3 * MINUTE_MS) / 1000) * 1000;
    refuseUntil(resetAt);
    await askAll();
    await rig.fact((fact) => fact.kind === 'provider.held');
    await rig.pass(MINUTE_MS);
    expect(rig.host.starts.length).toBe(AT_ONCE);
    await rig.restart();
    await rig.pass(MINUTE_MS);
    expect(rig.host.starts.length).toBe(AT_ONCE);
    const status = await rig.command(async (control) => control.status());
    expect(status?.attention.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^account claude is held \(quota: .*\): again in \d+ (s|min)/),
    ]);

    await rig.until(() => rig.factsOf('run.ended').length === AGENTS, 10 * MINUTE_MS);
    expect(rig.factsOf('provider.probing').length).toBe(1);
    expect(rig.host.starts.length).toBe(AT_ONCE + AGENTS);
    expect(rig.host.starts[AT_ONCE]?.at).toBeGreaterThanOrEqual(resetAt + MINUTE_MS);
    expect(rig.factsOf('run.ended').every(({ outcome }) => outcome.kind === 'succeeded')).toBe(true);
    expect(rig.factsOf('breaker.counted')).toEqual([]);
    expect(rig.hasFlag('web')).toBe(false);
  });

  it('send one try at a time, later and later, while nobody names a reset', async () => {
    rig = await DaemonRig.start({ toml: MANY });
    for (const { key } of rig.fleet.now.agents) {
      rig.script(key, {
        endsAfterMs: 1000,
        code: 1,
        output: claudeSaid({ session: 's', status: 429, text: "You've hit your limit", used: { input: 0, output: 0 } }),
      });
    }
    await askAll();
    await rig.pass(AT_ONCE * 1000 + 2000);
    const begun = rig.host.starts.length;
    await rig.pass(2 * MINUTE_MS);
    // Runs whose own tries are used up end; each try is one start, and no two of them are at the same time.
    const tries = rig.host.starts.slice(begun).map(({ at }) => at);
    expect(rig.factsOf('provider.probing').length).toBe(tries.length);
    expect(new Set(tries).size).toBe(tries.length);
    expect(rig.factsOf('breaker.counted')).toEqual([]);
  });
});

describe('the canary', () => {
  const TWO = fleet(`${agent('one')}${agent('two')}`);

  it('goes on with its session where it stopped', async () => {
    rig = await DaemonRig.start({ toml: TWO });
    refuseUntil(Math.ceil((rig.clock.now() + 10_000) / 1000) * 1000);
    await rig.ask('one');
    const ended = await rig.until(() => rig.factsOf('run.ended')[0], 20 * MINUTE_MS);
    expect(ended?.outcome).toEqual({ kind: 'succeeded' });
    const argv: readonly string[] = rig.host.starts[1]?.spec.argv ?? [];
    expect(argv[argv.indexOf('--resume') + 1]).toBe(`session of ${ended?.run ?? ''}`);
  });

  it('frees the account with the first words of the model, long before it has ended', async () => {
    rig = await DaemonRig.start({ toml: TWO });
    const resetAt = Math.ceil((rig.clock.now() + 10_000) / 1000) * 1000;
    refuseUntil(resetAt);
    await rig.ask('one');
    await rig.fact((fact) => fact.kind === 'provider.held');
    const usage = { input_tokens: 5, output_tokens: 1 };
    const message = { type: 'assistant', session_id: 's', message: { id: 'm', content: [], usage } };
    rig.script('web/one', { endsAfterMs: 60 * MINUTE_MS, output: `${JSON.stringify(message)}\n` });
    await rig.ask('two');
    await rig.until(() => rig.factsOf('run.ended').some((fact) => fact.agent === 'web/two'), 10 * MINUTE_MS);
    expect(rig.factsOf('run.ended').some((fact) => fact.agent === 'web/one')).toBe(false);
  });

  it('that is canceled leaves the try to the next one', async () => {
    rig = await DaemonRig.start({ toml: TWO });
    refuseUntil(Math.ceil((rig.clock.now() + 10_000) / 1000) * 1000);
    await rig.ask('one');
    await rig.fact((fact) => fact.kind === 'provider.held');
    rig.script('web/one', {});
    const probing = await rig.until(() => rig.factsOf('provider.probing')[0], 10 * MINUTE_MS);
    await rig.ask('two');
    await rig.command(async (control) => control.cancel(probing?.run ?? ''));
    await rig.until(() => rig.factsOf('run.ended').some((fact) => fact.agent === 'web/two'), 10 * MINUTE_MS);
    expect(rig.factsOf('provider.released').length).toBe(1);
  });
});

describe('a refused login', () => {
  it('ends the run that met it, holds the others, and is tried again after five minutes', async () => {
    rig = await DaemonRig.start({ toml: fleet(`${agent('one')}${agent('two')}`) });
    rig.script('web/one', { endsAfterMs: 1000, code: 1, output: claudeSaid({ session: 's', status: 401 }) });
    rig.script('web/two', { endsAfterMs: 1000, output: claudeSaid({ session: 's2' }) });
    const first = await rig.run('one');
    expect(first?.outcome).toMatchObject({ kind: 'failed', class: 'auth' });
    const asked = await rig.ask('two');
    expect(asked?.decision).toBe('waiting');
    expect(asked?.reasons.map(({ code }) => code)).toEqual(['provider.held']);
    await rig.until(() => rig.factsOf('run.ended').length === 2, 10 * MINUTE_MS);
    expect(rig.host.starts[1]?.at).toBeGreaterThanOrEqual((rig.host.starts[0]?.at ?? 0) + 5 * MINUTE_MS);
    expect(rig.factsOf('breaker.counted')).toEqual([]);
  });

  it('holds no agent of another account', async () => {
    rig = await DaemonRig.start({ toml: fleet(`${agent('one')}${agent('two', 'provider = "spare"')}`) });
    rig.script('web/one', { endsAfterMs: 1000, code: 1, output: claudeSaid({ session: 's', status: 401 }) });
    rig.script('web/two', { endsAfterMs: 1000, output: claudeSaid({ session: 's2' }) });
    await rig.run('one');
    expect((await rig.run('two'))?.outcome).toEqual({ kind: 'succeeded' });
  });
});

describe('another login', () => {
  const file = (): string => join(rig.dir, '.credentials.json');

  /** A factory whose login is in the rig's folder; every run is refused until there is another one. */
  async function refused(status: number, resetsAfterMinutes = 0): Promise<void> {
    const toml = (dir: string): string => fleet(agent('one', `env = { CLAUDE_CONFIG_DIR = "${dir}" }`));
    rig = await DaemonRig.start({ toml: toml('/nowhere') });
    writeFileSync(file(), 'old');
    await rig.reload(toml(rig.dir));
    const resetsAt = Math.ceil(rig.clock.now() / 1000) + resetsAfterMinutes * 60;
    rig.script('web/one', () => {
      const isOld = readFileSync(file(), 'utf8') === 'old';
      const announced = resetsAfterMinutes === 0 ? {} : { resetsAt };
      const said = isOld ? { status, used: { input: 0, output: 0 }, ...announced } : {};
      return { endsAfterMs: 1000, code: isOld ? 1 : 0, output: claudeSaid({ session: 's', ...said }) };
    });
    await rig.ask('one');
    await rig.fact((fact) => fact.kind === 'provider.held');
    await rig.pass(MINUTE_MS / 2);
  }

  it('is tried at once, and what waited for the account goes on', async () => {
    await refused(429, 60);
    const begun = rig.host.starts.length;
    await rig.restart();
    await rig.pass(MINUTE_MS);
    expect(rig.host.starts.length).toBe(begun);
    writeFileSync(file(), 'another one');
    await rig.until(() => rig.factsOf('provider.released').length === 1, MINUTE_MS);
    expect(rig.factsOf('provider.credential')).toMatchObject([{ account: 'claude' }]);
    await rig.until(() => rig.factsOf('run.ended').length === 1, MINUTE_MS);
    expect(rig.factsOf('run.ended')[0]?.outcome).toEqual({ kind: 'succeeded' });
  });

  it('lets the next run in after a refused one', async () => {
    await refused(401);
    await rig.ask('one');
    await rig.pass(MINUTE_MS);
    expect(rig.host.starts.length).toBe(1);
    writeFileSync(file(), 'another one');
    await rig.until(() => rig.factsOf('run.ended').length === 2, MINUTE_MS);
    expect(rig.factsOf('run.ended')[1]?.outcome).toEqual({ kind: 'succeeded' });
  });
});

describe('a fallback', () => {
  it('gives way to the own account once that may be tried again, though every agent has a fallback', async () => {
    const more = 'provider = "main"\nmodel = "big"\nfallback_provider = "spare"\nfallback_model = "small"';
    rig = await DaemonRig.start({ toml: fleet(agent('one', more)) });
    const resetAt = Math.ceil((rig.clock.now() + 10_000) / 1000) * 1000;
    rig.script('web/one', ({ id }) => {
      const isOwn = rig.ledger.attempts.ofRun(id).at(-1)?.provider === 'main';
      const said = isOwn && rig.clock.now() < resetAt ? { status: 429, resetsAt: resetAt / 1000 } : {};
      return { endsAfterMs: 1000, code: 'status' in said ? 1 : 0, output: claudeSaid({ session: 's', ...said }) };
    });
    await rig.ask('one');
    await rig.until(() => rig.factsOf('run.ended').length === 1, 10 * MINUTE_MS);
    await rig.pass(5 * MINUTE_MS);
    await rig.run('one');
    await rig.run('one');
    const used = rig.host.starts.map(({ spec: { argv } }) => argv[argv.indexOf('--model') + 1]);
    expect(used.slice(-2)).toEqual(['big', 'big']);
    expect(rig.factsOf('provider.released')).toMatchObject([{ account: 'main' }]);
  });

  it('is used while the own account is held, and no longer', async () => {
    const more = 'provider = "main"\nmodel = "big"\nfallback_provider = "spare"\nfallback_model = "small"';
    rig = await DaemonRig.start({ toml: fleet(agent('one', more)) });
    const resetAt = Math.ceil((rig.clock.now() + 10_000) / 1000) * 1000;
    rig.script('web/one', ({ id }) => {
      const refused = rig.ledger.attempts.ofRun(id).at(-1)?.provider === 'main';
      const said = refused ? { status: 429, resetsAt: resetAt / 1000, used: { input: 0, output: 0 } } : {};
      return { endsAfterMs: 1000, code: refused ? 1 : 0, output: claudeSaid({ session: 's', ...said }) };
    });
    await rig.ask('one');
    await rig.fact((fact) => fact.kind === 'provider.held');
    await rig.run('one');
    const models = (): readonly (string | undefined)[] =>
      rig.host.starts.map(({ spec: { argv } }) => argv[argv.indexOf('--model') + 1]);
    expect(models().slice(0, 2)).toEqual(['big', 'small']);
    expect(rig.ledger.spend.sum({ kind: 'provider', name: 'spare' }, 0, Number.MAX_SAFE_INTEGER).runs).toBeGreaterThan(
      0,
    );
  });
});
