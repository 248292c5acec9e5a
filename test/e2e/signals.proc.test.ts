// What signals do to the running daemon: leave, drain, kill, reload; and a second daemon on the same state directory.

import { existsSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentToml, CREW_TOML, ended, release, startCrew } from '../support/crew.ts';
import { DaemonProcess } from '../support/daemon-process.ts';
import { waitFor } from '../support/keeper-rig.ts';

const DEAF = agentToml('deaf', 'trap "" TERM INT; echo began >>began.$1; while :; do sleep 0.2; done');

let daemon: DaemonProcess;
beforeEach(async () => {
  daemon = new DaemonProcess(`${CREW_TOML}${DEAF}`);
  await daemon.start();
});
afterEach(() => daemon.dispose());

async function lastStop(): Promise<unknown> {
  await daemon.start();
  return (await daemon.facts()).findLast((fact) => fact.kind === 'daemon.stopped');
}

describe('a signal to the daemon', () => {
  it('SIGTERM leaves the agents to their keeper and ends with 0 within 5 s', async () => {
    const ids = await startCrew(daemon, [3, 6]);
    const end = await daemon.end('SIGTERM');
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(end.tookMs).toBeLessThan(5000);
    expect(existsSync(daemon.rig.path('adf.sock'))).toBe(false);
    expect(daemon.log()).toContain('2');
    expect(await lastStop()).toMatchObject({ how: 'leave' });
    release(daemon, [3, 6]);
    expect((await ended(daemon, ids)).map((run) => run.exit)).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
    await daemon.finish();
  });

  it('SIGINT waits for running agents, answers meanwhile, then ends with 0 and nothing is left', async () => {
    const [id] = await startCrew(daemon, [3]);
    daemon.signal('SIGINT');
    await waitFor(() => daemon.log().includes('Ctrl-C') || daemon.log().includes('drain'));
    expect(await daemon.client.status()).toMatchObject({ draining: true, live: 1 });
    await expect(daemon.client.run('deaf', { key: 'late' })).rejects.toMatchObject({ code: 'stopping' });
    release(daemon, [3]);
    expect(await daemon.ended()).toMatchObject({ code: 0, signal: null });
    await daemon.start();
    expect((await daemon.client.show(id ?? '')).run).toMatchObject({ outcome: { kind: 'succeeded' } });
    await daemon.finish();
    const keepers = readdirSync(daemon.rig.path('keeper')).filter((name) => name !== 'state-id');
    // No lock and no socket; the record of what ended waits for the next copy of the ledger.
    expect(keepers.map((id) => readdirSync(daemon.rig.path(`keeper/${id}`)))).toEqual([['journal', 'log']]);
  });

  it('a second SIGINT kills what ignores the first', async () => {
    const { run } = await daemon.client.run('deaf', { key: 'deaf', args: ['1'] });
    await waitFor(() => existsSync(daemon.rig.path('began.1')));
    daemon.signal('SIGINT');
    await waitFor(() => daemon.log().includes('Ctrl-C') || daemon.log().includes('drain'));
    const end = await daemon.end('SIGINT');
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(end.tookMs).toBeLessThan(5000);
    expect(daemon.rig.agents()).toEqual([]);
    await daemon.start();
    expect((await daemon.client.show(run.id)).run).toMatchObject({
      outcome: { kind: 'canceled' },
      exit: { code: null, signal: 'SIGKILL' },
    });
    await daemon.finish();
  });

  it('SIGTERM in the middle of a drain leaves the agents', async () => {
    const ids = await startCrew(daemon, [3]);
    daemon.signal('SIGINT');
    await waitFor(() => daemon.log().includes('Ctrl-C') || daemon.log().includes('drain'));
    const end = await daemon.end('SIGTERM');
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(end.tookMs).toBeLessThan(4000);
    expect(await lastStop()).toMatchObject({ how: 'leave' });
    release(daemon, [3]);
    expect((await ended(daemon, ids)).map((run) => run.exit)).toEqual([{ code: 0, signal: null }]);
    await daemon.finish();
  });

  it('SIGHUP reloads; a file with an error leaves the last good one in force', async () => {
    daemon.configure(`${CREW_TOML}${DEAF.replace('"deaf"', '"deafer"')}`);
    daemon.signal('SIGHUP');
    const names = async (): Promise<readonly string[]> => (await daemon.client.agents()).map((agent) => agent.name);
    await daemon.until(async () => ((await names()).includes('deafer') ? true : null));
    daemon.configure('nonsense = [');
    daemon.signal('SIGHUP');
    await daemon.until(async () => (await daemon.facts()).find((fact) => fact.kind === 'config.rejected') ?? null);
    expect(await names()).toContain('deafer');
    await daemon.finish();
  });
});

it('goes on when nobody reads what it prints any more', async () => {
  await daemon.finish();
  const child = daemon.launchInto('pipe');
  await daemon.standing();
  child.stdout?.destroy();
  child.stderr?.destroy();
  const ids = await startCrew(daemon, [3]);
  release(daemon, [3]);
  expect((await ended(daemon, ids))[0]?.outcome).toMatchObject({ kind: 'succeeded' });
  await daemon.finish();
});

it('lets no second daemon work on the same state directory', async () => {
  const second = await daemon.second();
  expect(second.code).toBe(1);
  expect(second.said).toContain(`pid ${daemon.pid}`);
  expect(second.said).toContain('stop it, or choose another state_dir');
  expect((await daemon.client.status()).pid).toBe(daemon.pid);
  await daemon.finish();
});
