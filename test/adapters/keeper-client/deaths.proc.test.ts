// Daemon and keeper die at any moment: nothing is lost, nothing runs twice, and what lives on is still held.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StartSpec } from '../../../src/ports/execution-host.ts';
import { intended, KILL, politely, type Daemon, type SpecWish } from '../../support/host-specs.ts';
import { KeeperRig, killQuietly, waitFor } from '../../support/keeper-rig.ts';

const AGENTS = 20;
/** Flag of a socket that only listens, in /proc/net/unix. */
const LISTENS = / 00010000 /;
const OPERATOR = { kind: 'operator', note: 'test' } as const;

let rig: KeeperRig;
beforeEach(() => {
  rig = new KeeperRig();
});
afterEach(() => rig.dispose());

/** An agent that prints a line twenty times a second until it is told the code to end with. */
function printer(number: number, wish: SpecWish = {}): StartSpec {
  const id = `r${number}.1`;
  const script = `echo began >>${id}.began; n=0; while [ ! -s ${id}.go ]; do n=$((n+1)); echo line $n; sleep 0.05; done
    echo total $n; exit $(cat ${id}.go)`;
  return rig.shell(id, script, wish);
}

function printers(count = AGENTS): StartSpec[] {
  return Array.from({ length: count }, (_, index) => printer(index + 1));
}

function finish(spec: StartSpec, code: number): void {
  writeFileSync(rig.path(`${spec.attemptId}.go`), String(code));
}

function began(spec: StartSpec): number {
  const path = rig.path(`${spec.attemptId}.began`);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
}

/** Every line that the agent says it printed is in its file, in order, once. */
function expectWholeOutput(spec: StartSpec): void {
  const lines = rig.output(spec.attemptId).trimEnd().split('\n');
  const printed = lines.slice(0, -1);
  expect(lines.at(-1)).toBe(`total ${printed.length}`);
  expect(printed).toEqual(printed.map((_, index) => `line ${index + 1}`));
}

/** Connections to sockets below `folder` that were made and not closed by both sides. */
function connectionsTo(folder: string): number {
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n');
  return lines.filter((line) => line.includes(folder) && !LISTENS.test(line)).length;
}

async function killKeepers(): Promise<void> {
  rig.keepers().forEach(killQuietly);
  await waitFor(() => rig.keepers().length === 0);
}

/** Starts a real daemon process and kills it when it has printed `words` lines. */
async function killedDaemon(specs: readonly StartSpec[], words: number, also = () => {}): Promise<string[]> {
  writeFileSync(rig.path('specs.json'), JSON.stringify(specs));
  const program = new URL('../../support/daemon-program.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, rig.dir, rig.path('specs.json')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  const gone = new Promise((resolve) => {
    child.once('close', resolve);
  });
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.split('\n').length > words) {
      child.kill('SIGKILL');
      also();
    }
  });
  await gone;
  return said.trimEnd().split('\n');
}

describe('the daemon killed with -9', () => {
  it('leaves 20 agents to the next one, each exit told once with its true code, no line lost', async () => {
    const specs = printers();
    expect(await killedDaemon(specs, AGENTS + 2)).toContain('all');
    const { host, told, answer } = await rig.daemon({ held: specs.map((spec) => intended(spec)) });
    expect(specs.map((spec) => answer.adoptions.get(spec.attemptId))).toEqual(specs.map(() => 'held'));
    expect(answer.strays).toEqual([]);
    specs.forEach((spec, index) => finish(spec, index));
    for (const [index, spec] of specs.entries()) {
      expect(await told.exit(spec.attemptId)).toMatchObject({ code: index, signal: null, stop: null });
      expectWholeOutput(spec);
      expect(began(spec)).toBe(1);
      expect(told.exits(spec.attemptId).length).toBe(1);
    }
    expect((await host.usage()).size).toBe(0);
  });

  it.each([1, 2, 7])('between starts (after %i words) leaves each started once or never', async (words) => {
    const specs = printers(8);
    await killedDaemon(specs, words);
    const { host, told, answer } = await rig.daemon({ held: specs.map((spec) => intended(spec)) });
    for (const [index, spec] of specs.entries()) {
      const adoption = answer.adoptions.get(spec.attemptId);
      expect(['held', 'never_started']).toContain(adoption);
      if (adoption === 'never_started') {
        expect(began(spec)).toBe(0);
        expect(await host.start(spec)).toMatchObject({ kind: 'started' });
      } else {
        expect(await host.start(spec)).toMatchObject({ kind: 'already_started' });
      }
      finish(spec, index);
      expect(await told.exit(spec.attemptId)).toMatchObject({ code: index });
      expect(began(spec)).toBe(1);
    }
  });
});

describe('a keeper too busy to read', () => {
  it('carries out no order of an earlier daemon once the next one has been told that it never happened', async () => {
    // Twice what a keeper reads before it looks at other connections: the last orders arrive after the greeting.
    const padding = Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`PAD_${index}`, 'x'.repeat(100_000)]));
    const specs = printers(8).map((spec) => ({ ...spec, env: { ...spec.env, ...padding } }));
    const first = await rig.daemon();
    rig.keepers().forEach((pid) => process.kill(pid, 'SIGSTOP'));
    const replies = Promise.allSettled(specs.map((spec) => first.host.start(spec)));
    await new Promise(setImmediate);
    const gone = first.host.close('leave');
    const coming = rig.daemon({ held: specs.map((spec) => intended(spec)) });
    // Late, and in whatever order the keeper finds them: the orders of one daemon, the greeting of the other.
    await waitFor(() => connectionsTo(rig.path('keeper')) >= 2);
    rig.keepers().forEach((pid) => process.kill(pid, 'SIGCONT'));
    const { host, told, answer } = await coming;
    await Promise.all([gone, replies]);
    for (const spec of specs) {
      const adoption = answer.adoptions.get(spec.attemptId);
      expect(['held', 'never_started']).toContain(adoption);
      expect((await host.start(spec)).kind).toBe(adoption === 'held' ? 'already_started' : 'started');
      finish(spec, 5);
      expect(await told.exit(spec.attemptId)).toMatchObject({ code: 5 });
    }
    expect(specs.map((spec) => [began(spec), told.exits(spec.attemptId).length])).toEqual(specs.map(() => [1, 1]));
    expect(rig.agents()).toEqual([]);
  });
});

describe('daemon and keeper killed with -9 in the middle of 20 starts', () => {
  it('leaves each started once, or never and then free to be started', async () => {
    const specs = printers();
    await killedDaemon(specs, 6, () => rig.keepers().forEach(killQuietly));
    await killKeepers();
    const { host, told, answer } = await rig.daemon({ held: specs.map((spec) => intended(spec)) });
    const settle = async (spec: StartSpec) => {
      const adoption = answer.adoptions.get(spec.attemptId);
      expect(['watched', 'never_started']).toContain(adoption);
      const reply = await host.start(spec);
      expect(reply.kind).toBe(adoption === 'watched' ? 'already_started' : 'started');
      finish(spec, 4);
      const report = await told.exit(spec.attemptId);
      expect(report).toMatchObject(adoption === 'watched' ? { code: null, hostDied: true } : { code: 4 });
      expect([began(spec), told.exits(spec.attemptId).length]).toEqual([1, 1]);
    };
    await Promise.all(specs.map((spec) => settle(spec)));
    expect(answer.strays).toEqual([]);
  });
});

describe('the keeper killed with -9', () => {
  async function expectWatched(daemon: Daemon, specs: readonly StartSpec[]): Promise<void> {
    const { host, told } = daemon;
    const [stopped, ...others] = specs;
    expect(await host.stop((stopped as StartSpec).attemptId, KILL, OPERATOR)).toBe('stopping');
    others.forEach((spec) => finish(spec, 3));
    for (const spec of others) {
      await waitFor(() => rig.tree(spec.attemptId).length === 0);
      const report = await told.exit(spec.attemptId, 2000);
      expect(report).toMatchObject({ code: null, signal: null, hostDied: true, stop: null });
      expectWholeOutput(spec);
    }
    const report = await told.exit((stopped as StartSpec).attemptId);
    expect(report).toMatchObject({ hostDied: true, stop: { reason: OPERATOR } });
    expect(specs.map((spec) => [began(spec), told.exits(spec.attemptId).length])).toEqual(specs.map(() => [1, 1]));
  }

  it('leaves 20 agents running, watched, each told within 2 s of its end', async () => {
    const daemon = await rig.daemon();
    const specs = printers();
    await Promise.all(specs.map((spec) => daemon.start(spec)));
    await killKeepers();
    const died = await daemon.told.until((events) => events.find((event) => event.kind === 'host_died'));
    expect(new Set(died.attempts)).toEqual(new Set(specs.map((spec) => spec.attemptId)));
    await expectWatched(daemon, specs);
    await daemon.start(rig.shell('r99.1', 'exit 5'));
    expect(await daemon.told.exit('r99.1')).toMatchObject({ code: 5, hostDied: false });
  });

  it('together with the daemon leaves them to the next daemon', async () => {
    const first = await rig.daemon();
    const specs = printers();
    await Promise.all(specs.map((spec) => first.start(spec)));
    await first.host.close('leave');
    await killKeepers();
    const held = specs.map((spec) => first.remembers(spec));
    const second = await rig.daemon({ cursors: first.told.cursors(), held });
    expect(specs.map((spec) => second.answer.adoptions.get(spec.attemptId))).toEqual(specs.map(() => 'watched'));
    await expectWatched(second, specs);
  });

  it('lets limits and a stop plan half done go on at their step', async () => {
    const daemon = await rig.daemon();
    const deaf = 'trap "" TERM INT; : >deaf; while :; do sleep 0.05; done';
    const halfDone = rig.shell('half', deaf);
    const limited = rig.shell('wall', 'sleep 1000', { limits: { wallMs: 4000 } });
    await daemon.start(limited);
    await daemon.start(halfDone);
    await waitFor(() => existsSync(rig.path('deaf')));
    await daemon.host.stop(halfDone.attemptId, politely(1500), OPERATOR);
    const asked = Date.now();
    await daemon.told.until((events) => events.find((event) => event.kind === 'stopping'));
    await killKeepers();
    expect(await daemon.told.exit('half')).toMatchObject({ hostDied: true, stop: { reason: OPERATOR } });
    expect(Date.now() - asked).toBeGreaterThanOrEqual(1500);
    expect(await daemon.told.exit('wall')).toMatchObject({ stop: { reason: { kind: 'wall', limitMs: 4000 } } });
  });

  it('with 20 starts in flight starts none twice, and says of each whether it began', async () => {
    const daemon = await rig.daemon();
    const specs = printers();
    const replies = specs.map((spec) => daemon.host.start(spec));
    await replies[4];
    await killKeepers();
    const settle = async (spec: StartSpec, index: number) => {
      const reply = await replies[index];
      const again = await daemon.host.start(spec);
      if (reply?.kind === 'did_not_start') {
        expect(reply.cause).toBe('keeper_died');
        expect(again.kind).toBe('started');
      } else {
        expect(reply?.kind).toBe('started');
        expect(['already_started', 'already_ended']).toContain(again.kind);
      }
      finish(spec, 0);
      await daemon.told.exit(spec.attemptId);
      expect(began(spec)).toBe(1);
    };
    await Promise.all(specs.map((spec, index) => settle(spec, index)));
  });
});
