// README says what the seeds' words are here, and their names stand in the code where they name the same thing.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** The seeds' names, and what they are called here. */
const NAMES: Readonly<Record<string, string>> = {
  RejectionReason: 'RejectionReason',
  KernelObservability: 'KernelObservability',
  DriftReport: 'DriftReport',
  ReconciliationResult: 'ReconciliationResult',
  ProjectFailureCounter: 'ProjectFailureCounter',
  ShouldPause: 'ShouldPause',
  is_project_paused: 'isProjectPaused',
  touch_pause_flag: 'touchPauseFlag',
};

/** The seeds' words for things that have another name here. */
const WORDS = [
  'service',
  'pod',
  'instance',
  'node',
  'cluster',
  'tenant',
  'worker',
  'container runtime',
  'route refresh',
];

const section =
  readFileSync(join(ROOT, 'README.md'), 'utf8')
    .split(/^### What the seeds call X is Y here$/m)[1]
    ?.split(/^#+ /m)[0] ?? '';
const rows = section
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split('|').map((cell) => cell.trim()));

/** All of core and ports, where the names of things are given. */
const sources = ['core', 'ports'].flatMap((room) =>
  readdirSync(join(ROOT, 'src', room), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(ROOT, 'src', room, file), 'utf8')),
);

it.each(Object.entries(NAMES))('%s is %s: README and the code say so', (seed, ours) => {
  const row = rows.find(([, there]) => there?.includes(`\`${seed}\``));
  expect(row?.[2]).toContain(seed === ours ? 'the same' : `\`${ours}\``);
  const declared = new RegExp(`^(?:export (?:interface|type|function) |  )${ours}\\b`, 'm');
  expect(sources.some((text) => declared.test(text))).toBe(true);
});

it.each(WORDS)('says what "%s" is here', (word) => {
  const there = rows.flatMap(([, cell]) => (cell ?? '').split(', '));
  expect(there).toContain(word);
});
