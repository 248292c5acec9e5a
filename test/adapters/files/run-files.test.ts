// Input files of attempts: removed by the name of their attempt, whoever wrote them.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runFiles } from '../../../src/adapters/files/run-files.ts';
import type { AttemptId } from '../../../src/core/ids.ts';

const ATTEMPT = 'r1.1' as AttemptId;

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'adf-files-'));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

describe('removing the input files of an attempt', () => {
  it('takes all of it, also what an earlier daemon wrote, and nothing of another one', async () => {
    const files = runFiles(stateDir);
    for (const name of ['r1.1', 'r1.1.script', 'r1.1.meter', 'r1.1p', 'r1.10', 'r11.1']) {
      writeFileSync(join(stateDir, 'in', name), '');
    }
    await files.removeInputs(ATTEMPT);
    expect(readdirSync(join(stateDir, 'in'))).toEqual(['r1.10', 'r1.1p', 'r11.1']);
  });

  it('is no failure where there is nothing', async () => {
    const files = runFiles(stateDir);
    await files.removeInputs(ATTEMPT);
    rmSync(join(stateDir, 'in'), { recursive: true });
    await expect(files.removeInputs(ATTEMPT)).resolves.toBeUndefined();
  });
});
