// A flag touched by a shell holds a project from that moment on, whatever asks for a run; its removal is seen within a second.

import { spawn } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { AttemptId } from '../../src/core/ids.ts';
import { adfAt } from '../support/cli.ts';
import { serveForTest } from '../support/control-socket.ts';
import { removeFolder, startFactory, testFolder } from '../support/factory.ts';
import type { Factory } from '../support/factory.ts';
import { HELD, STORM, TRYING } from '../support/storm-fleet.ts';

/** What the house promises: no spawn later than this after `touch` returned, and everything seen this long after `rm`. */
const TOUCH_MS = 50;
const REMOVAL_MS = 1000;
/** What a start takes besides on a busy machine, from the decision to the process. */
const START_MS = 500;
/** So shortly before the touch the storm made starts of the project, too. */
const STORM_MS = 500;
/** Both clocks, of process starts and of /proc/uptime, count in hundredths of a second. */
const TICK_MS = 10;
/** Starts of the neighbour after the touch that show that the factory goes on; the storm asks for one after the other. */
const ENOUGH = 20;

let factory: Factory | null = null;
let dir = '';

afterEach(async () => {
  await factory?.stop();
  factory = null;
  removeFolder(dir);
});

/** Runs `command` in a shell; the machine's uptime in ms, read by that same shell directly after it. */
async function shell(command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', `${command} && read -r up rest </proc/uptime && echo "$up"`]);
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.once('close', (code) =>
      code === 0 ? resolve(Number(said) * 1000) : reject(new Error(`${command}: ${code}`)),
    );
  });
}

describe.each([
  ['with file watching', true],
  ['without file watching', false],
])('%s', (_, fileWatching) => {
  it('starts nothing 50 ms after the touch, and everything within 1 s after the removal', async () => {
    dir = testFolder();
    writeFileSync(join(dir, 'broken'), '');
    factory = await startFactory(dir, STORM, { fileWatching });
    const { house, fact, facts } = factory;
    const { control } = factory.daemon;
    const flag = (project: string): string => join(dir, 'state', 'pause', project);
    const isOf = (agent: string) => (one: { readonly agent?: string }) => one.agent === agent;
    /** Uptime in ms at which the kernel started the process of an attempt. */
    const startedAt = (id: AttemptId): number => (house.ledger.attempts.get(id)?.identity?.startTicks ?? 0) * 10;
    const startsAfter = (project: string, uptime: number): readonly string[] =>
      facts.flatMap((one) =>
        one.kind === 'attempt.started' &&
        one.agent?.startsWith(`${project}/`) === true &&
        startedAt(one.attempt as AttemptId) > uptime
          ? [`${one.agent} +${startedAt(one.attempt as AttemptId) - uptime} ms`]
          : [],
      );

    // Everything is under way: a pre-check that waits, a run that is tried again and again, a Safety agent, two storms.
    await fact((one) => one.kind === 'attempt.started' && isOf('held/safety')(one));
    await control.run('checked', { key: 'checked' });
    await control.run('retried', { key: 'retried' });
    await control.run('meta', { key: 'meta' });
    let isStorming = true;
    const storm = async (ask: (key: string) => Promise<unknown>, asked = 0): Promise<void> => {
      await ask(`${asked}`);
      return isStorming ? storm(ask, asked + 1) : undefined;
    };
    const storms = [
      storm(async (key) => control.run('operator', { key })),
      storm(async (key) => control.emit('push', { key })),
      storm(async (key) => control.run('neighbour', { key })),
    ];
    const tripped = await fact((one) => one.kind === 'pause.set' && one.project === TRYING);
    await fact((one) => one.kind === 'attempt.started' && isOf('held/slot')(one));
    await fact((one) => one.kind === 'run.retrying' && isOf('held/retried')(one), tripped.seq);

    // The touch, and one of the breaker's own flag: from here on that one is a person's too.
    const touchedAt = await shell(`touch '${flag(HELD)}' '${flag(TRYING)}'`);
    const set = await fact((one) => one.kind === 'pause.set' && one.project === HELD);
    writeFileSync(join(dir, 'go'), '');
    const started = facts.filter((one) => one.kind === 'attempt.started' && isOf('other/neighbour')(one)).length;
    await fact((one) => one.kind === 'slots.refused' && isOf('held/slot')(one), set.seq);
    await fact((one) => one.kind === 'run.refused' && isOf('held/checked')(one), set.seq);
    await fact((one) => one.kind === 'run.refused' && isOf('held/retried')(one), set.seq);
    await fact((one) => one.kind === 'run.deferred' && isOf('held/safety')(one), set.seq);
    await expect
      .poll(() => facts.filter((one) => one.kind === 'attempt.started' && isOf('other/neighbour')(one)).length, {
        timeout: 15_000,
      })
      .toBeGreaterThan(started + ENOUGH);

    const { socketPath } = await serveForTest(control);
    const refused = await adfAt(socketPath, ['run', 'operator']);
    expect(refused.code).toBe(1);
    expect(refused.out).toContain(`project.paused`);
    expect(refused.out).toContain(flag(HELD));
    expect(startsAfter(HELD, touchedAt - STORM_MS).length).toBeGreaterThan(1);
    expect(startsAfter(HELD, touchedAt + TOUCH_MS + TICK_MS)).toEqual([]);
    isStorming = false;
    await Promise.all(storms);

    // The removal: the fact, `status`, the Safety agent and the probe that waits.
    expect((await control.status()).projects.map((project) => project.state)).toEqual(['PAUSED', 'PAUSED', 'open']);
    rmSync(join(dir, 'broken'));
    const before = facts.at(-1)?.seq ?? 0;
    const removedAt = await shell(`rm '${flag(HELD)}' '${flag(TRYING)}'`);
    const wallAt = Date.now();
    const lifted = await Promise.all(
      [HELD, TRYING].map(async (project) =>
        fact((one) => one.kind === 'pause.lifted' && one.project === project, before),
      ),
    );
    expect(lifted.map((one) => one.at - wallAt <= REMOVAL_MS)).toEqual([true, true]);
    expect((await control.status()).projects.filter((project) => project.state === 'PAUSED')).toEqual([]);
    expect(Date.now() - wallAt).toBeLessThanOrEqual(REMOVAL_MS);
    const again = await Promise.all(
      ['held/safety', 'trying/meta'].map(async (agent) =>
        fact((one) => one.kind === 'attempt.started' && isOf(agent)(one), before),
      ),
    );
    const late = again.filter(
      (one) =>
        startedAt((one as { readonly attempt: AttemptId }).attempt) - removedAt > REMOVAL_MS + START_MS + TICK_MS,
    );
    expect(late).toEqual([]);
    await fact((one) => one.kind === 'breaker.closed' && one.project === TRYING, before);
    expect(existsSync(flag(HELD))).toBe(false);
  });
});
