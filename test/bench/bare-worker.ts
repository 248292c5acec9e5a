// A bare loop in a process of its own: node's spawn with stdio ignored or into new files, or execa.
//
// Usage (forked): bare-worker.ts ignored|files|execa FOLDER

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { round } from './lanes.ts';
import { answerQuestions } from './worker.ts';

const PROGRAM = '/bin/true';
const [way = '', folder = ''] = process.argv.slice(2);
let files = 0;

const ended = async (child: ReturnType<typeof spawn>): Promise<void> =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });

async function runner(): Promise<() => Promise<void>> {
  if (way === 'execa') {
    // Imported here only: its modules are memory that the other loops must not carry into each fork.
    const { execa } = await import('execa');
    return async () => {
      await execa(PROGRAM);
    };
  }
  if (way === 'files') {
    return async () => {
      files += 1;
      const fd = openSync(join(folder, String(files)), 'a');
      const child = spawn(PROGRAM, [], { stdio: ['ignore', fd, fd] });
      closeSync(fd);
      await ended(child);
    };
  }
  return async () => ended(spawn(PROGRAM, [], { stdio: 'ignore' }));
}

const run = await runner();
answerQuestions(async (question) => {
  const { runs, wide } = question as { readonly runs: number; readonly wide: number };
  return round(runs, wide, run);
});
