// A whole factory in a process of its own: real configuration, ledger and keeper; asked for runs, or left to its schedule.
//
// Usage (forked): factory-worker.ts FOLDER, which holds a ledger if there shall be a past.

import { readFileSync } from 'node:fs';
import { listKeepers } from '../../src/adapters/keeper-client/folders.ts';
import type { RecordedFact } from '../../src/core/run/facts.ts';
import { startFactory } from '../support/factory.ts';
import { cpuMs, round } from './lanes.ts';
import type { Round } from './lanes.ts';
import { answerQuestions } from './worker.ts';

/** What can be asked. */
export type FactoryQuestion =
  /** Answers when all code is loaded. */
  | { readonly kind: 'wake' }
  | { readonly kind: 'start'; readonly toml: string }
  | { readonly kind: 'runs'; readonly runs: number; readonly wide: number }
  | { readonly kind: 'started' }
  | { readonly kind: 'stop' };

/** A round of the full path. */
export interface FactoryRound extends Round {
  readonly keeperCpuMsPerRun: number;
  readonly commitsPerRun: number;
}

/** What an agent printed. */
export interface Printed {
  readonly agent: string;
  readonly text: string;
}

const [dir = ''] = process.argv.slice(2);
let asked = 0;

async function start(toml: string): Promise<() => Promise<void>> {
  const factory = await startFactory(dir, toml);
  const { house, daemon } = factory;
  const ends = new Map<string, () => void>();
  const early = new Set<string>();
  let commits = 0;
  const transact = house.ledger.transact.bind(house.ledger);
  Object.assign(house.ledger, {
    transact: <Result>(work: () => Result): Result => {
      commits += 1;
      return transact(work);
    },
  });
  house.feed.subscribe((fact: RecordedFact) => {
    if (fact.kind === 'run.ended' && fact.run !== undefined) {
      const end = ends.get(fact.run);
      ends.delete(fact.run);
      if (end === undefined) {
        early.add(fact.run);
      } else {
        end();
      }
    }
  });
  const oneRun = async (): Promise<void> => {
    asked += 1;
    const reply = await daemon.control.run('bench', { key: `bench-${asked}` });
    if (!('run' in reply)) {
      throw new Error(reply.refused.message);
    }
    const { id } = reply.run;
    if (!early.delete(id)) {
      await new Promise<void>((resolve) => {
        ends.set(id, resolve);
      });
    }
  };
  answers.runs = async ({ runs, wide }): Promise<FactoryRound> => {
    const keepers = listKeepers(house.fleet.now.factory.stateDir).flatMap(({ lock }) => lock ?? []);
    const keeperCpu = (): number => keepers.map(({ pid }) => cpuMs(pid)).reduce((sum, each) => sum + each, 0);
    const before = { keeperCpu: keeperCpu(), commits };
    const taken = await round(runs, wide, oneRun);
    return {
      ...taken,
      keeperCpuMsPerRun: (keeperCpu() - before.keeperCpu) / runs,
      commitsPerRun: (commits - before.commits) / runs,
    };
  };
  answers.started = async (): Promise<readonly Printed[]> => {
    const started = factory.facts.filter((fact) => fact.kind === 'attempt.started');
    return Promise.resolve(
      started.map((fact) => ({
        agent: fact.agent ?? '',
        text: fact.attempt === undefined ? '' : readFileSync(house.files.outPath(fact.attempt, 'out'), 'utf8'),
      })),
    );
  };
  return async () => factory.stop();
}

let stop = async (): Promise<void> => Promise.resolve();
const notYet = async (): Promise<never> => Promise.reject(new Error('the factory was not started'));
const answers: {
  runs: (question: Extract<FactoryQuestion, { kind: 'runs' }>) => Promise<FactoryRound>;
  started: () => Promise<readonly Printed[]>;
} = { runs: notYet, started: notYet };

answerQuestions(async (asking) => {
  const question = asking as FactoryQuestion;
  switch (question.kind) {
    case 'wake':
      return null;
    case 'start':
      stop = await start(question.toml);
      return null;
    case 'runs':
      return answers.runs(question);
    case 'started':
      return answers.started();
    case 'stop':
      await stop();
      stop = async () => Promise.resolve();
      return null;
  }
});
process.once('disconnect', () => {
  stop().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
