// `adf logs`: a run's output to its end or on, over restarts of the daemon, and the facts of the factory.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serve } from '../../../src/http/serve.ts';
import { Sink, adf, adfAt } from '../../support/cli.ts';
import { serveForTest, testFolder } from '../../support/control-socket.ts';
import { FakeControl } from '../../support/fake-control.ts';
import { FULL, SAMPLED, facts, runView } from '../../support/views.ts';

const HOSTILE = '\u001B[2Jhi\u0007 𝄞\n';

describe('the output of a run', () => {
  it('is printed whole, in as many pieces as it comes', async () => {
    const fake = new FakeControl();
    fake.output.set('r7m1', 'a long line, longer than one piece\n'.repeat(5));
    const ended = await adf(fake, ['logs', 'r7m']);
    expect(ended).toEqual({ code: 0, out: 'a long line, longer than one piece\n'.repeat(5), err: '' });
  });

  it('of a run that goes on is printed as far as it is', async () => {
    const fake = new FakeControl();
    fake.runs = [runView({ id: 'r1', state: 'running', outcome: null })];
    fake.output.set('r1', 'so far\n');
    expect(await adf(fake, ['logs', 'r1'])).toEqual({ code: 0, out: 'so far\n', err: '' });
  });

  it('reaches a file as it is, and a terminal without what would steer it', async () => {
    const fake = new FakeControl();
    fake.chunkBytes = 1000;
    fake.output.set('r7m1', HOSTILE);
    expect((await adf(fake, ['logs', 'r7m1'])).out).toBe(HOSTILE);
    expect((await adf(fake, ['logs', 'r7m1'], { isTerminal: true })).out).toBe('hi 𝄞\n');
  });

  it('of stderr is asked for by --err', async () => {
    const fake = new FakeControl();
    await adf(fake, ['logs', '--err', 'r7m1']);
    expect(fake.inputs('logs')[0]).toEqual(['r7m1', 0, 'err']);
  });

  it('is one JSON value per piece with --json', async () => {
    const fake = new FakeControl();
    fake.output.set('r7m1', 'sixteen bytes...and more');
    const { out } = await adf(fake, ['logs', 'r7m1', '--json']);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { run: 'r7m1', attempt: 'r7m1.1', text: 'sixteen bytes...' },
      { run: 'r7m1', attempt: 'r7m1.1', text: 'and more' },
    ]);
  });

  it('of an ambiguous prefix is not guessed', async () => {
    const ended = await adf(new FakeControl(), ['logs', 'r7']);
    expect(ended).toEqual({
      code: 1,
      out: '',
      err: 'adf: "r7" begins several runs: r7m1, r7k2\n  all runs: adf runs\n',
    });
  });

  it('is followed across a restart of the daemon, from where it was', async () => {
    const socketPath = join(testFolder(), 'adf.sock');
    const onCrash = (thrown: unknown): void => expect(thrown).toBe(null);
    const first = new FakeControl();
    first.runs = [runView({ id: 'r1', state: 'running', outcome: null })];
    first.output.set('r1', 'before\n');
    const second = new FakeControl();
    second.runs = [runView({ id: 'r1' })];
    second.output.set('r1', 'before\nafter\n');
    const old = await serve({ control: first.control, socketPath, onCrash });
    let waits = 0;
    const wait = async (): Promise<void> => {
      waits += 1;
      if (waits === 1) {
        await old.close();
      }
      if (waits === 3) {
        const server = await serve({ control: second.control, socketPath, onCrash });
        restarted.resolve(() => server.close());
      }
    };
    const restarted = Promise.withResolvers<() => Promise<void>>();
    const ended = await adfAt(socketPath, ['logs', '-f', 'r1'], { wait });
    await (
      await restarted.promise
    )();
    expect(ended).toEqual({
      code: 0,
      out: 'before\nafter\n',
      err: 'the daemon went away; the run goes on without it, waiting for its return (Ctrl-C ends this)\n',
    });
    expect(second.inputs('logs')[0]).toEqual(['r1', 7, 'out']);
  });

  it('is given up when the daemon does not come back', async () => {
    const socketPath = join(testFolder(), 'adf.sock');
    const fake = new FakeControl();
    fake.runs = [runView({ id: 'r1', state: 'running', outcome: null })];
    fake.output.set('r1', 'before\n');
    const server = await serve({ control: fake.control, socketPath, onCrash: () => undefined });
    let waits = 0;
    const wait = async (): Promise<void> => {
      waits += 1;
      await server.close();
    };
    const ended = await adfAt(socketPath, ['logs', '-f', 'r1'], { wait });
    expect(ended).toMatchObject({ code: 3, out: 'before\n' });
    expect(waits).toBe(61);
  });
});

describe('the facts of the factory', () => {
  const PAST = facts(
    { kind: 'run.admitted', agent: 'demo/steward', run: 'r1' },
    {
      kind: 'attempt.started',
      agent: 'demo/steward',
      run: 'r1',
      attempt: 'r1.1',
      pid: 4,
      enforcement: SAMPLED,
    },
    { kind: 'run.deferred', agent: 'demo/steward', run: 'r2', reasons: [FULL] },
  );
  const LINES =
    '10:30:45  steward               started     pid 4\n' +
    '10:30:45  steward               waiting     slots.project: running 2, limit 2 → adf why demo/steward\n';

  it('of the past are printed without those that matter to nobody', async () => {
    const fake = new FakeControl();
    fake.past = PAST;
    expect(await adf(fake, ['logs'])).toEqual({ code: 0, out: LINES, err: '' });
  });

  it('are all printed with --all', async () => {
    const fake = new FakeControl();
    fake.past = PAST;
    const { out } = await adf(fake, ['logs', '--all', '-n', '3']);
    expect(out).toBe(`10:30:45  steward               admitted\n${LINES}`);
  });

  it('are JSON as recorded with --json', async () => {
    const fake = new FakeControl();
    fake.past = PAST;
    const { out } = await adf(fake, ['logs', '--json']);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(PAST);
  });

  it('go on with -f until a person interrupts', async () => {
    const fake = new FakeControl();
    const interrupt = new AbortController();
    const stdout = new Sink(() => interrupt.abort());
    const ending = adf(fake, ['logs', '-f', '-n', '1'], { interrupt: interrupt.signal, stdout });
    await fake.followed(1);
    fake.tell(PAST[1]!);
    expect((await ending).code).toBe(130);
    expect(stdout.text).toBe('10:30:45  steward               started     pid 4\n');
    await fake.followed(0);
  });

  it('end with 3 when the daemon ends', async () => {
    const fake = new FakeControl();
    const server = await serveForTest(fake.control);
    const ending = adfAt(server.socketPath, ['logs', '-f']);
    await fake.followed(1);
    await server.close();
    expect(await ending).toEqual({
      code: 3,
      out: '',
      err: 'adf: the daemon ended, and with it what it told\n  start one with: adf start (and see: adf doctor)\n',
    });
  });
});
