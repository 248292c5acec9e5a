// A flood of output costs little disk, keeps its first and last words whole, and one that is too fast is stopped.

import { existsSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runFiles } from '../../../src/adapters/files/run-files.ts';
import type { Attempt } from '../../../src/core/run/run.ts';
import { outputChunk } from '../../../src/daemon/output-chunk.ts';
import type { ExitReport } from '../../../src/ports/execution-host.ts';
import type { Daemon } from '../../support/host-specs.ts';
import { KeeperRig, waitFor } from '../../support/keeper-rig.ts';

const MIB = 1024 * 1024;
const FLOOD_BYTES = 200_000_000;
const LINE = '0123456789'.repeat(7);

let rig: KeeperRig;
let daemon: Daemon;
let files: ReturnType<typeof runFiles>;
beforeAll(async () => {
  rig = new KeeperRig();
  daemon = await rig.daemon();
  files = runFiles(rig.dir);
});
afterAll(() => rig.dispose());

/** All that `adf logs` shows of an attempt's output file. */
async function readAll(path: string): Promise<string> {
  const attempts = [{ id: 'r1.1', purpose: 'main', state: 'ended', outPath: path }] as Attempt[];
  let text = '';
  for (let from = 0; ;) {
    const piece = await outputChunk(files, { attempts, ended: true, from, stream: 'out' });
    text += piece.text;
    from = piece.next;
    if (piece.ended) {
      return text;
    }
  }
}

const FLOOD = `echo first words; yes ${LINE} | head -c ${FLOOD_BYTES}; echo; echo last words`;
const CAPPED = { limits: { outputBytes: 8 * MIB } };

async function expectCut(path: string, report: ExitReport): Promise<void> {
  expect(report).toMatchObject({ code: 0, stop: null });
  const { size, blocks } = statSync(path);
  expect(report.output.writtenBytes).toBe(size);
  expect(size).toBeGreaterThan(FLOOD_BYTES);
  expect(blocks * 512).toBeLessThanOrEqual(16 * MIB);
  const text = await readAll(path);
  const lines = text.split('\n');
  expect(lines[0]).toBe('first words');
  expect(lines.at(-2)).toBe('last words');
  const odd = lines.slice(1, -3).filter((line) => line !== LINE);
  expect(report.output.cutBytes).toBeGreaterThan(FLOOD_BYTES - 16 * MIB);
  expect(odd).toEqual(['', '… output cut here …']);
  expect(text).not.toContain('\0');
}

describe('a writer of 200 MB with a limit of 8 MiB', () => {
  it('leaves at most 16 MiB on disk, first and last line whole, one mark between', async () => {
    await daemon.start(rig.shell('flood', FLOOD, CAPPED));
    await expectCut(rig.path('flood.out'), await daemon.told.exit('flood', 60_000));
  });

  it('leaves as little while no daemon is there', async () => {
    const alone = new KeeperRig();
    onTestFinished(async () => alone.dispose());
    const first = await alone.daemon();
    const spec = alone.shell('flood', `while [ ! -e go ]; do sleep 0.02; done; ${FLOOD}; : >done`, CAPPED);
    await first.start(spec);
    await first.host.close('leave');
    writeFileSync(alone.path('go'), '');
    await waitFor(() => existsSync(alone.path('done')) && alone.tree('flood').length === 0, 60_000);
    const second = await alone.daemon({ cursors: first.told.cursors(), held: [first.remembers(spec)] });
    await expectCut(alone.path('flood.out'), await second.told.exit('flood'));
  });

  it('is kept whole below the limit', async () => {
    const script = `yes ${LINE} | head -c ${8 * MIB}`;
    await daemon.start(rig.shell('below', script, { limits: { outputBytes: 8 * MIB } }));
    expect((await daemon.told.exit('below')).output).toEqual({ writtenBytes: 8 * MIB, cutBytes: 0 });
  });
});

describe('a writer that is faster than allowed', () => {
  it('is stopped with the rate and its limit', async () => {
    const limits = { outputBytes: 8 * MIB, outputBytesPerSecond: MIB };
    await daemon.start(rig.shell('fast', `while :; do yes ${LINE} | head -c ${MIB}; sleep 0.02; done`, { limits }));
    const report = await daemon.told.exit('fast');
    expect(report.stop?.reason).toMatchObject({ kind: 'output', limitBytes: MIB, perSecond: true });
    const reason = report.stop?.reason;
    expect(reason?.kind === 'output' ? reason.usedBytes : 0).toBeGreaterThan(MIB);
  });
});
