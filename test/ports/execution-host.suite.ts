// What every execution host promises: the keeper on real processes and the fake of the tests pass the same cases.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileSync } from 'node:fs';
import type { StopPlan } from '../../src/core/supervise/stop-plan.ts';
import type { StartSpec } from '../../src/ports/execution-host.ts';
import { intended, KILL, politely, type Daemon, type Known, type SpecWish } from '../support/host-specs.ts';

/** What an attempt of the suite does: ends by itself, waits for `finish`, or waits and is deaf to polite signals. */
export type Doing = 'exit 3' | 'wait' | 'deaf';

/** The world in which a host is tried. */
export interface HostRig {
  connect(known?: Known): Promise<Daemon>;
  /** The daemon dies; host and attempts do not. */
  crash(daemon: Daemon): Promise<void>;
  spec(id: string, doing: Doing, wish?: SpecWish): StartSpec;
  /** Lets a waiting attempt end with `code`. */
  finish(id: string, code: number): void;
  /** Resolves when the attempt is as far as `doing` says. */
  ready(id: string): Promise<void>;
  /** How often the program really began. */
  began(id: string): number;
  /** The host's own process dies. */
  killHost(): Promise<void>;
  /** Lets time pass, where that is ours to say. */
  pass(ms: number): void;
  path(name: string): string;
  dispose(): Promise<void>;
}

/** Longer than any test runs. */
const FOREVER_MS = 3_600_000;
const OPERATOR = { kind: 'operator', note: 'by hand' } as const;

/** Tries the host that `make` gives; `mortal` false: it has no process of its own that could die. */
export function executionHostSuite(name: string, make: () => HostRig, mortal = true): void {
  let rig: HostRig;
  beforeEach(() => {
    rig = make();
  });
  afterEach(() => rig.dispose());

  describe(`${name}: a start`, () => {
    it('is told as started and then as exited, each with a later cursor', async () => {
      const { host, told } = await rig.connect();
      const reply = await host.start(rig.spec('r1.1', 'exit 3'));
      expect(reply.kind).toBe('started');
      const report = await told.exit('r1.1');
      expect(report).toMatchObject({ code: 3, signal: null, stop: null, hostDied: false, didNotStart: null });
      expect(told.events.map((event) => event.kind)).toEqual(['started', 'exited']);
      const offsets = told.events.map((event) => ('cursor' in event ? (event.cursor?.offset ?? 0) : 0));
      expect(offsets[1]).toBeGreaterThan(offsets[0] ?? 0);
    });

    it('happens once however often it is asked for', async () => {
      const { host, told } = await rig.connect();
      const spec = rig.spec('r1.1', 'wait');
      const replies = await Promise.all([host.start(spec), host.start(spec)]);
      expect(replies.filter((reply) => reply.kind === 'started').length).toBeGreaterThan(0);
      await rig.ready('r1.1');
      expect(await host.start(spec)).toMatchObject({ kind: 'already_started' });
      rig.finish('r1.1', 0);
      await told.exit('r1.1');
      expect(await host.start(spec)).toEqual({ kind: 'already_ended' });
      expect(rig.began('r1.1')).toBe(1);
    });

    it('is refused while a pause flag exists', async () => {
      const { host, told } = await rig.connect();
      const flag = rig.path('flag');
      const wish = { pauseFlags: [rig.path('other'), flag] };
      writeFileSync(flag, '');
      expect(await host.start(rig.spec('r1.1', 'exit 3', wish))).toEqual({ kind: 'paused', flag });
      expect(rig.began('r1.1')).toBe(0);
      expect(told.events).toEqual([]);
      expect(await host.start(rig.spec('r1.2', 'exit 3', { pauseFlags: [rig.path('other')] }))).toMatchObject({
        kind: 'started',
      });
      await told.exit('r1.2');
    });
  });

  describe(`${name}: a stop`, () => {
    it('begins with the first reason, which stays', async () => {
      const { host, told } = await rig.connect();
      const spec = rig.spec('r1.1', 'deaf');
      await host.start(spec);
      await rig.ready('r1.1');
      expect(await host.stop(spec.attemptId, politely(FOREVER_MS), OPERATOR)).toBe('stopping');
      expect(await host.stop(spec.attemptId, KILL, { kind: 'drain' })).toBe('already');
      const report = await told.exit('r1.1');
      expect(report).toMatchObject({ code: null, signal: 'SIGKILL', stop: { reason: OPERATOR } });
      expect(told.events.map((event) => event.kind)).toEqual(['started', 'stopping', 'exited']);
      expect(await host.stop(spec.attemptId, KILL, { kind: 'drain' })).toBe('gone');
    });

    it('does not wait longer because a later plan is slower', async () => {
      const { host, told } = await rig.connect();
      const spec = rig.spec('r1.1', 'deaf');
      await host.start(spec);
      await rig.ready('r1.1');
      await host.stop(spec.attemptId, politely(200), OPERATOR);
      expect(await host.stop(spec.attemptId, politely(FOREVER_MS), { kind: 'drain' })).toBe('already');
      rig.pass(200);
      expect(await told.exit('r1.1')).toMatchObject({ signal: 'SIGKILL' });
    });

    it('asks first, and kills only what did not obey', async () => {
      const { host, told } = await rig.connect();
      const obedient = rig.spec('r1.1', 'wait');
      await host.start(obedient);
      await rig.ready('r1.1');
      await host.stop(obedient.attemptId, politely(FOREVER_MS), OPERATOR);
      expect(await told.exit('r1.1')).toMatchObject({ signal: 'SIGTERM', stop: { reason: OPERATOR } });
    });

    it('of an attempt that nobody knows is answered gone', async () => {
      const { host } = await rig.connect();
      expect(await host.stop(rig.spec('r9.1', 'wait').attemptId, KILL, OPERATOR)).toBe('gone');
    });
  });

  describe(`${name}: limits`, () => {
    it('stops by the plan for the wall clock, and says which limit it was', async () => {
      const { host, told } = await rig.connect();
      const plan: StopPlan = [
        { afterMs: 0, action: 'interrupt' },
        { afterMs: 100, action: 'terminate' },
        { afterMs: 200, action: 'kill' },
      ];
      const stopPlans = { wall: plan, cpu: plan, memory: KILL, output: KILL };
      await host.start(rig.spec('r1.1', 'deaf', { limits: { wallMs: 1500 }, stopPlans }));
      rig.pass(1700);
      const report = await told.exit('r1.1');
      expect(report).toMatchObject({ signal: 'SIGKILL', stop: { reason: { kind: 'wall', limitMs: 1500 } } });
      expect(report.durationMs).toBeGreaterThanOrEqual(1700);
    });

    it('leaves other attempts alone', async () => {
      const { host, told } = await rig.connect();
      await host.start(rig.spec('r1.1', 'wait', { limits: { wallMs: 300 } }));
      await host.start(rig.spec('r2.1', 'wait'));
      rig.pass(300);
      await told.exit('r1.1');
      expect([...(await host.usage()).keys()]).toEqual(['r2.1']);
      rig.finish('r2.1', 4);
      expect(await told.exit('r2.1')).toMatchObject({ code: 4, stop: null });
    });
  });

  describe(`${name}: a daemon that comes back`, () => {
    it('hears what it missed, once, and what became of what it held', async () => {
      const first = await rig.connect();
      const specs = ['r1.1', 'r2.1', 'r3.1'].map((id) => rig.spec(id, 'wait'));
      const [alive, ends, unsure] = specs as [StartSpec, StartSpec, StartSpec];
      await Promise.all(specs.map((spec) => first.start(spec)));
      await rig.ready('r2.1');
      await rig.crash(first);
      rig.finish('r2.1', 6);
      const never = rig.spec('r4.1', 'wait');
      const second = await rig.connect({
        cursors: first.told.cursors(),
        held: [first.remembers(alive), first.remembers(ends), intended(unsure), intended(never)],
      });
      const { adoptions, strays } = second.answer;
      expect(adoptions.get(alive.attemptId)).toBe('held');
      expect(adoptions.get(unsure.attemptId)).toBe('held');
      expect(adoptions.get(never.attemptId)).toBe('never_started');
      expect(strays).toEqual([]);
      await second.told.exit('r2.1');
      expect(second.told.exits('r2.1')).toMatchObject([{ code: 6 }]);
      await rig.crash(second);
      const third = await rig.connect({ cursors: first.told.cursors(), held: [first.remembers(ends)] });
      expect(third.answer.adoptions.get(ends.attemptId)).toBe('ended');
      expect(third.told.exits('r2.1')).toMatchObject([{ code: 6 }]);
    });

    it('is told everything again when it remembers nothing', async () => {
      const first = await rig.connect();
      await first.host.start(rig.spec('r1.1', 'exit 3'));
      await first.told.exit('r1.1');
      await rig.crash(first);
      const second = await rig.connect();
      expect(second.told.events.map((event) => event.kind)).toEqual(['started', 'exited']);
    });
  });

  if (mortal) {
    hostDeathCases(name, () => rig);
  }
}

function hostDeathCases(name: string, current: () => HostRig): void {
  describe(`${name}: the host's own death`, () => {
    it('leaves the attempts alive, watched, and with an unknown code', async () => {
      const rig = current();
      const { host, told } = await rig.connect();
      await host.start(rig.spec('r1.1', 'wait'));
      const deaf = rig.spec('r2.1', 'deaf');
      await host.start(deaf);
      await rig.ready('r1.1');
      await rig.ready('r2.1');
      await rig.killHost();
      const died = await told.until((events) => events.find((event) => event.kind === 'host_died'));
      expect(died.attempts).toEqual(['r1.1', 'r2.1']);
      rig.finish('r1.1', 0);
      expect(await told.exit('r1.1')).toMatchObject({ code: null, signal: null, hostDied: true, stop: null });
      expect(await host.stop(deaf.attemptId, KILL, OPERATOR)).toBe('stopping');
      expect(await told.exit('r2.1')).toMatchObject({ hostDied: true, stop: { reason: OPERATOR } });
    });

    it('does not keep the daemon from starting more', async () => {
      const rig = current();
      const { host, told } = await rig.connect();
      await rig.killHost();
      await told.until((events) => events.find((event) => event.kind === 'host_died'));
      expect(await host.start(rig.spec('r1.1', 'exit 3'))).toMatchObject({ kind: 'started' });
      expect(await told.exit('r1.1')).toMatchObject({ code: 3, hostDied: false });
    });
  });
}
