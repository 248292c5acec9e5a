// A flood of output costs little disk, keeps its first and last words whole, and one that is too fast is stopped.

import { statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOutput } from '../../../src/os/output-file.ts';
import type { Daemon } from '../../support/host-specs.ts';
import { KeeperRig } from '../../support/keeper-rig.ts';

const MIB = 1024 * 1024;
const FLOOD_BYTES = 200_000_000;
const LINE = '0123456789'.repeat(7);

let rig: KeeperRig;
let daemon: Daemon;
beforeAll(async () => {
  rig = new KeeperRig();
  daemon = await rig.daemon();
});
afterAll(() => rig.dispose());

/** All that a reader is given of an output file, with a mark where something was cut out. */
function readAll(path: string): string {
  let text = '';
  for (let position = 0; ;) {
    const piece = readOutput(path, position, MIB);
    if (piece.bytes.length === 0) {
      return text;
    }
    text += piece.cutBefore > 0 ? `<cut ${piece.cutBefore}>` : '';
    text += piece.bytes.toString();
    position = piece.next;
  }
}

describe('a writer of 200 MB with a limit of 8 MiB', () => {
  it('leaves at most 16 MiB on disk, first and last line whole, one mark between', async () => {
    const script = `echo first words; yes ${LINE} | head -c ${FLOOD_BYTES}; echo; echo last words`;
    await daemon.start(rig.shell('flood', script, { limits: { outputBytes: 8 * MIB } }));
    const report = await daemon.told.exit('flood', 60_000);
    expect(report).toMatchObject({ code: 0, stop: null });
    const { size, blocks } = statSync(rig.path('flood.out'));
    expect(report.output.writtenBytes).toBe(size);
    expect(size).toBeGreaterThan(FLOOD_BYTES);
    expect(blocks * 512).toBeLessThanOrEqual(16 * MIB);
    const lines = readAll(rig.path('flood.out')).split('\n');
    expect(lines[0]).toBe('first words');
    expect(lines.at(-2)).toBe('last words');
    const odd = lines.slice(1, -3).filter((line) => line !== LINE);
    expect(odd).toEqual([`<cut ${report.output.cutBytes}>${LINE}`]);
    expect(readAll(rig.path('flood.out'))).not.toContain('\0');
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
