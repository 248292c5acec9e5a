// `adf run`: what it asks, how it repeats, how it waits, and with which code it ends.

import { request as httpRequest } from 'node:http';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Control, RunView } from '../../../src/ports/control.ts';
import type { LogChunk } from '../../../src/ports/log-chunk.ts';
import { adf, adfAt } from '../../support/cli.ts';
import { serveForTest, testFolder } from '../../support/control-socket.ts';
import { FakeControl } from '../../support/fake-control.ts';
import { FULL, PAUSED, runDetail, runView, waitingRun } from '../../support/views.ts';

const taken = (run: RunView): Partial<Control> => ({
  run: async () => ({ run, decision: 'admitted', reasons: [] }),
});

describe('what it asks', () => {
  it.each<[string, readonly string[], object]>([
    ['nothing but the name', [], { key: 'key-1' }],
    ['a task', ['--task', 'mend it'], { key: 'key-1', task: 'mend it' }],
    ['arguments', ['--', '--fast', '-x', 'y z'], { key: 'key-1', args: ['--fast', '-x', 'y z'] }],
    ['a key of the caller', ['--key', 'build-42'], { key: 'build-42' }],
  ])('%s', async (_title, argv, input) => {
    const fake = new FakeControl();
    expect((await adf(fake, ['run', 'steward', ...argv])).code).toBe(0);
    expect(fake.inputs('run')).toEqual([['steward', input]]);
  });

  it('a task from a file, as it stands there', async () => {
    const file = join(testFolder(), 'task.md');
    writeFileSync(file, '# Mend\n\nit.\n');
    const fake = new FakeControl();
    await adf(fake, ['run', 'steward', '--task-file', file]);
    expect(fake.inputs('run')).toEqual([['steward', { key: 'key-1', task: '# Mend\n\nit.\n' }]]);
  });
});

describe('the answer', () => {
  it('admitted ends with 0 and says how to follow', async () => {
    const ended = await adf(new FakeControl(), ['run', 'steward']);
    expect(ended).toEqual({ code: 0, out: 'r7n0  demo/steward  admitted → adf logs -f r7n0\n', err: '' });
  });

  it('waiting ends with 0 and says why', async () => {
    const fake = new FakeControl({
      run: async () => ({ run: waitingRun([FULL]), decision: 'waiting', reasons: [FULL] }),
    });
    expect(await adf(fake, ['run', 'steward'])).toEqual({
      code: 0,
      out: 'r7m2  demo/steward  waiting  slots.project: running 2, limit 2 → adf why demo/steward\n',
      err: '',
    });
  });

  it.each([[[]], [['--wait']]])('refused ends with 1 and says why (%j)', async (more) => {
    const run = waitingRun([PAUSED], { state: 'ended', outcome: { kind: 'refused' } });
    const fake = new FakeControl({ run: async () => ({ run, decision: 'refused', reasons: [PAUSED] }) });
    const ended = await adf(fake, ['run', 'project-meta-sandbox', ...more]);
    expect(ended).toMatchObject({ code: 1, err: '' });
    expect(ended.out).toBe(
      'r7m2  demo/steward  refused  project.paused: .adf/pause/sandbox exists, put there by the breaker, since 10:30:45 → adf why demo/steward\n',
    );
  });

  it('unknown names the nearest agent', async () => {
    expect(await adf(new FakeControl(), ['run', 'stewrad'])).toEqual({
      code: 1,
      out: '',
      err: 'adf: no agent "stewrad" (did you mean "steward"?)\n  all agents: adf agents\n',
    });
  });

  it('is the reply as it is with --json', async () => {
    const fake = new FakeControl();
    const ended = await adf(fake, ['run', 'steward', '--json']);
    const reply: unknown = await fake.control.run('steward', { key: 'k' });
    expect(JSON.parse(ended.out)).toEqual(reply);
  });
});

describe('a lost reply', () => {
  it('is asked for once more with the same key', async () => {
    const fake = new FakeControl();
    const ended = await adfAt(await losingSocket(fake.control, 1), ['run', 'steward']);
    expect(ended).toEqual({
      code: 0,
      out: 'r7n0  demo/steward  admitted → adf logs -f r7n0\n',
      err: 'the reply was lost; asking again with the same key\n',
    });
    expect(fake.inputs('run')).toEqual([
      ['steward', { key: 'key-1' }],
      ['steward', { key: 'key-1' }],
    ]);
  });

  it('is asked for no third time, and the key is told', async () => {
    const fake = new FakeControl();
    const ended = await adfAt(await losingSocket(fake.control, 3), ['run', 'steward']);
    expect(ended.code).toBe(3);
    expect(ended.err).toContain('repeat it with --key key-1, it will not happen twice');
    expect(fake.inputs('run')).toHaveLength(2);
  });
});

describe('--wait', () => {
  const live = runView({ id: 'r7n0', state: 'running', outcome: null, exit: null, endedAt: null });
  const chunks: readonly LogChunk[] = [
    { text: 'one\n', next: 4, ended: false, attempt: 'r7n0.1' },
    { text: '', next: 4, ended: false, attempt: 'r7n0.1' },
    { text: 'two\n', next: 8, ended: false, attempt: 'r7n0.2' },
    { text: '', next: 8, ended: true, attempt: 'r7n0.2' },
  ];

  function scripted(end: RunView): FakeControl {
    let step = 0;
    return new FakeControl({
      ...taken(live),
      logs: async () => {
        step += 1;
        return chunks[step - 1]!;
      },
      show: async () => runDetail({ run: end }),
    });
  }

  it('prints the output alone on stdout and ends with 0 when it succeeded', async () => {
    const fake = scripted({ ...runView(), id: 'r7n0' });
    expect(await adf(fake, ['run', 'steward', '--wait'])).toEqual({
      code: 0,
      out: 'one\ntwo\n',
      err: 'r7n0  demo/steward  admitted → adf logs -f r7n0\n– attempt r7n0.2 –\nr7n0  succeeded · exit 0 · 1.8 s · peak 41 MiB\n',
    });
    expect(fake.inputs('logs').map((input) => input[1])).toEqual([0, 4, 4, 8]);
  });

  it('ends with 1 and the reason when it failed', async () => {
    const outcome = { kind: 'failed', class: 'agent_failure', reason: 'tests are red' } as const;
    const ended = await adf(scripted(runView({ id: 'r7n0', outcome, exit: { code: 1, signal: null } })), [
      'run',
      'steward',
      '--wait',
    ]);
    expect(ended.code).toBe(1);
    expect(ended.err).toContain(
      'r7n0  failed (agent_failure) · exit 1 · 1.8 s · peak 41 MiB  tests are red → adf show r7n0\n',
    );
  });

  it('prints nothing but the last word with --json', async () => {
    const ended = await adf(scripted(runView({ id: 'r7n0' })), ['run', 'steward', '--wait', '--json']);
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.out)).toEqual({ run: runView({ id: 'r7n0' }), decision: 'admitted', reasons: [] });
  });

  it('leaves the run alone when a person interrupts, and says how to stop it', async () => {
    const interrupt = new AbortController();
    const fake = new FakeControl({
      ...taken(live),
      logs: async () => {
        interrupt.abort();
        return { text: '', next: 0, ended: false, attempt: null };
      },
    });
    const ended = await adf(fake, ['run', 'steward', '--wait'], { interrupt: interrupt.signal });
    expect(ended).toMatchObject({ code: 130, out: '' });
    expect(ended.err).toContain('r7n0 goes on without us: adf logs -f r7n0 · adf cancel r7n0\n');
    expect(fake.inputs('cancel')).toEqual([]);
  });
});

/** A socket before a real server that cuts the first `losses` answers after they were given, and passes the others on. */
async function losingSocket(control: Control, losses: number): Promise<string> {
  const { socketPath } = await serveForTest(control);
  const path = join(testFolder(), 'lossy.sock');
  let asked = 0;
  const server = createServer((near) => {
    asked += 1;
    const lost = asked <= losses;
    near.once('data', (bytes: Buffer) => {
      const [head, body] = bytes.toString().split('\r\n\r\n');
      const url = head?.split(' ')[1];
      const far = httpRequest({
        socketPath,
        path: url,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      });
      far.once('response', (answer) => {
        answer.setEncoding('utf8').once('data', (text: string) => {
          near.end(lost ? '' : `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n${text}`);
        });
      });
      far.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  return path;
}
