// A whole factory for end-to-end tests: real configuration, ledger, flags and keeper, in a folder of its own.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadFleet } from '../../src/config/load.ts';
import type { Fleet } from '../../src/core/fleet.ts';
import type { RecordedFact } from '../../src/core/run/facts.ts';
import { DRIVER_NAMES } from '../../src/drivers/registry.ts';
import { compose } from '../../src/main/compose.ts';
import type { ComposeInput, Composed } from '../../src/main/compose.ts';

/** How long a test waits for a fact; nothing that is promised takes as long. */
const PATIENCE_MS = 15_000;

export interface Factory extends Composed {
  readonly dir: string;
  /** Everything recorded since this factory was made, in order. */
  readonly facts: readonly RecordedFact[];
  /** The first fact from `after` on that `matches`; waits for it. */
  readonly fact: (matches: (fact: RecordedFact) => boolean, after?: number) => Promise<RecordedFact>;
  stop(): Promise<void>;
}

/** A folder for one test. */
export function testFolder(): string {
  return mkdtempSync(join(tmpdir(), 'adf-e2e-'));
}

export function loadText(dir: string, toml: string): Fleet {
  const path = join(dir, 'agents.toml');
  writeFileSync(path, toml);
  const loaded = loadFleet({
    path,
    env: {},
    machine: { cores: 2, memoryBytes: 16 * 1024 ** 3, findProgram: (name) => name },
    drivers: DRIVER_NAMES,
    stateDirectory: null,
    foreground: true,
  });
  if (loaded.kind === 'errors') {
    throw new Error(
      loaded.errors.map((error) => `${error.line}:${error.column} ${error.key} ${error.message}`).join('\n'),
    );
  }
  return loaded.fleet;
}

/** Composes and starts a factory on `toml`. */
export async function startFactory(dir: string, toml: string, over: Partial<ComposeInput> = {}): Promise<Factory> {
  const composed = await compose({
    fleet: loadText(dir, toml),
    configPath: join(dir, 'agents.toml'),
    environment: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: dir },
    version: '0.0.0-test',
    load: async () => Promise.reject(new Error('no reload in this test')),
    warn: () => undefined,
    fatal: (error) => {
      throw error;
    },
    ...over,
  });
  const facts: RecordedFact[] = [];
  composed.house.feed.subscribe((fact) => {
    facts.push(fact);
  });
  await composed.daemon.start();
  return {
    ...composed,
    dir,
    facts,
    fact: async (matches, after = 0) => {
      const known = facts.find((fact) => fact.seq > after && matches(fact));
      if (known !== undefined) {
        return known;
      }
      return new Promise<RecordedFact>((resolve, reject) => {
        const late = setTimeout(() => {
          unsubscribe();
          reject(new Error(`no such fact; the last were ${JSON.stringify(facts.slice(-12), null, 1)}`));
        }, PATIENCE_MS);
        const unsubscribe = composed.house.feed.subscribe((fact) => {
          if (matches(fact)) {
            clearTimeout(late);
            unsubscribe();
            resolve(fact);
          }
        });
      });
    },
    stop: async () => {
      await composed.daemon.stop({ kind: 'kill' });
    },
  };
}

export function removeFolder(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
}
