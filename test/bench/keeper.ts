// Measures what the keeper's whole path (asked, started, journaled, ended, journaled, told) costs beside a bare spawn loop.

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { KeeperRig } from '../support/keeper-rig.ts';

/** Rates of one round, runs a second. */
export interface KeeperRates {
  readonly ignored: number;
  readonly files: number;
  readonly keeper: number;
}

/** Runs `/bin/true` `runs` times each way, `wide` at once: bare with stdio ignored, bare into new files, by the keeper. */
export async function measureKeeper(runs: number, wide: number): Promise<KeeperRates> {
  const rig = new KeeperRig();
  try {
    mkdirSync(rig.path('bare'));
    const ignored = await rate(runs, wide, () => ended(spawn('/bin/true', [], { stdio: 'ignore' })));
    const files = await rate(runs, wide, (index) => {
      const fd = openSync(join(rig.path('bare'), String(index)), 'a');
      const child = spawn('/bin/true', [], { stdio: ['ignore', fd, fd] });
      closeSync(fd);
      return ended(child);
    });
    return { ignored, files, keeper: await keeperRate(rig, runs, wide) };
  } finally {
    await rig.dispose();
  }
}

async function keeperRate(rig: KeeperRig, runs: number, wide: number): Promise<number> {
  const waiting = new Map<string, () => void>();
  const host = await rig.listen((event) => {
    if (event.kind === 'exited') {
      waiting.get(event.report.attemptId)?.();
    }
  });
  return rate(runs, wide, async (index) => {
    const spec = rig.spec(`b${index}.1`, ['/bin/true']);
    const end = new Promise<void>((resolve) => {
      waiting.set(spec.attemptId, resolve);
    });
    await host.start(spec);
    await end;
    waiting.delete(spec.attemptId);
  });
}

async function rate(runs: number, wide: number, run: (index: number) => Promise<void>): Promise<number> {
  let next = 0;
  const lane = async () => {
    while (next < runs) {
      next += 1;
      await run(next);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: wide }, lane));
  return (runs / (performance.now() - began)) * 1000;
}

function ended(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
}

if (process.argv[1] === import.meta.filename) {
  for (let round = 1; round <= 5; round += 1) {
    const { ignored, files, keeper } = await measureKeeper(400, 8);
    const [a, b, c] = [ignored, files, keeper].map(Math.round);
    console.log(
      `bare ${a}/s, into files ${b}/s, keeper ${c}/s: ${(keeper / ignored).toFixed(2)} and ${(keeper / files).toFixed(2)}`,
    );
  }
}
