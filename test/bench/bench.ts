// `npm run bench`: what the factory costs beside bare loops on the same machine, how late it starts, and what it uses at rest.
//
// Nothing is asserted of the figures; the exit code is 1 only when a measurement could not be made.

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { FactoryQuestion, FactoryRound, Printed } from './factory-worker.ts';
import { idle, onDemand, slotOf, waves } from './fleets.ts';
import type { Wave } from './fleets.ts';
import type { Round } from './lanes.ts';
import { median, quantile } from './lanes.ts';
import { RestingDaemon } from './rest.ts';
import type { Rest } from './rest.ts';
import { Worker } from './worker.ts';
import { writeFigures } from './readme.ts';

/** Two minutes are what it may take; a machine that is so busy that it takes longer gets a little more, then it gives up. */
const LONGEST_MS = 150_000;
/** Rounds of throughput: as many of these as fit before the last one has to begin. */
const ROUNDS = 5;
const LEAST_ROUNDS = 1;
const LAST_ROUND_MS = 110_000;
const RUNS = 100;
const WIDE = 8;
const ALIVE = 200;
/** Runs that the large ledger remembers. */
const PAST = 1_000_000;
/** What a start leaves behind to be tidied takes this long; then daemons at rest are looked at. */
const SETTLE_MS = 10_000;
const REST_MS = 20_000;
/** How long before the first slot its factory is made. */
const LEAD_MS = 6000;
/** From the instant at which 200 are due to the first of the slots spread over 20 s. */
const SPREAD_AFTER_MS = 6000;
const SPREAD_PER_SECOND = 10;
/** Time given to the last slot. */
const TAIL_MS = 2000;

const began = performance.now();
const sinceMs = (): number => performance.now() - began;
const root = mkdtempSync(join(tmpdir(), 'adf-bench-'));
const open: { stop: () => Promise<void> }[] = [];

/** Figures of one round: runs a second each way. */
interface Rates {
  readonly ignored: Round;
  readonly files: Round;
  readonly execa: Round;
  readonly empty: FactoryRound;
  readonly past: FactoryRound;
}

interface Lateness {
  readonly burst: readonly number[];
  readonly spread: readonly number[];
}

function folder(name: string): string {
  const path = join(root, name);
  mkdirSync(path);
  return path;
}

function factory(name: string): Worker {
  return worker('factory-worker.ts', [folder(name)]);
}

function worker(file: string, args: readonly string[]): Worker {
  const made = new Worker(file, args);
  open.push({ stop: async () => made.close() });
  return made;
}

async function order<Answer = null>(asked: Worker, question: FactoryQuestion): Promise<Answer> {
  return asked.ask<Answer>(question);
}

/** Two daemons, made while the large ledger is `filled`, then looked at with nothing else running. */
async function atRest(filled: Promise<unknown>): Promise<readonly Rest[]> {
  const daemons = [1000, 10_000].map((count) => {
    const daemon = new RestingDaemon(join(root, `rest-${count}`), idle(count, Date.now()));
    open.push(daemon);
    return daemon;
  });
  await Promise.all([filled, ...daemons.map(async (daemon) => daemon.started())]);
  // Time itself is what is measured here and below: what two factories use while nothing happens.
  await delay(SETTLE_MS);
  stage('two daemons are at rest');
  const until = delay(REST_MS);
  const rest = await Promise.all(daemons.map(async (daemon) => daemon.measure(async () => until)));
  await Promise.all(daemons.map(async (daemon) => daemon.stop()));
  return rest;
}

/** How late agents begin: all at one instant, and spread over time. */
async function lateness(): Promise<Lateness> {
  const busy = factory('late');
  await order(busy, { kind: 'wake' });
  const begin = Math.ceil((Date.now() + LEAD_MS) / 1000) * 1000;
  const all: readonly Wave[] = [
    { name: 'burst', count: ALIVE, at: begin, perSecond: null },
    { name: 'spread', count: ALIVE, at: begin + SPREAD_AFTER_MS, perSecond: SPREAD_PER_SECOND },
  ];
  await order(busy, { kind: 'start', toml: waves(all) });
  stage(`${ALIVE} slots at one instant come, then ${ALIVE} over 20 s`);
  // To the last slot and a little: to ask meanwhile would disturb what is measured.
  await delay(begin + SPREAD_AFTER_MS + (ALIVE / SPREAD_PER_SECOND) * 1000 + TAIL_MS - Date.now());
  const printed = await order<readonly Printed[]>(busy, { kind: 'started' });
  const [burst, spread] = all.map((wave) => latenessOf(wave, printed));
  await order(busy, { kind: 'stop' });
  return { burst: burst ?? [], spread: spread ?? [] };
}

/** Milliseconds from each slot of `wave` to the first thing that its program did. */
function latenessOf(wave: Wave, printed: readonly Printed[]): readonly number[] {
  const begun = new Map(printed.map(({ agent, text }) => [agent, Number(text) / 1e6]));
  return Array.from({ length: wave.count }, (_, index) => {
    const at = begun.get(`bench/${wave.name}-${index}`);
    if (at === undefined || Number.isNaN(at) || at === 0) {
      throw new Error(`${wave.name}-${index} was not seen to start`);
    }
    return at - slotOf(wave, index);
  });
}

async function fill(): Promise<Worker> {
  const past = factory('past');
  mkdirSync(join(root, 'past', 'state'));
  const program = join(import.meta.dirname, 'fill-ledger.ts');
  await promisify(execFile)(process.execPath, [program, join(root, 'past', 'state', 'ledger.db'), String(PAST)]);
  return past;
}

async function throughput(past: Worker): Promise<readonly Rates[]> {
  const files = folder('files');
  const [ignored, intoFiles, execa] = ['ignore', 'files', 'execa'].map((way) => worker('bare-worker.ts', [way, files]));
  const empty = factory('empty');
  await Promise.all([empty, past].map(async (each) => order(each, { kind: 'start', toml: onDemand() })));
  stage('rounds begin');
  if (ignored === undefined || intoFiles === undefined || execa === undefined) {
    throw new Error('a bare loop was not made');
  }
  const rates: Rates[] = [];
  const given = { runs: RUNS, wide: WIDE };
  // The first round warms the code up and is not counted.
  for (let each = 0; each <= ROUNDS && (each <= LEAST_ROUNDS || sinceMs() < LAST_ROUND_MS); each += 1) {
    const one: Rates = {
      ignored: await ignored.ask<Round>(given),
      empty: await order<FactoryRound>(empty, { kind: 'runs', ...given }),
      files: await intoFiles.ask<Round>(given),
      past: await order<FactoryRound>(past, { kind: 'runs', ...given }),
      execa: await execa.ask<Round>(given),
    };
    if (each > 0) {
      rates.push(one);
    }
  }
  await Promise.all([order(empty, { kind: 'stop' }), order(past, { kind: 'stop' })]);
  return rates;
}

/** Every line of the result, for README. */
const told: string[] = [];

function line(text: string): void {
  told.push(text);
  console.log(text);
}

/** Where the time goes, for whoever watches. */
function stage(done: string): void {
  console.error(`  … ${(sinceMs() / 1000).toFixed(0)} s: ${done}`);
}

function tellRates(rates: readonly Rates[]): number {
  const of = (pick: (each: Rates) => number): number => median(rates.map(pick));
  const ratio = (way: 'ignored' | 'files' | 'execa'): string =>
    of((each) => each.empty.perSecond / each[way].perSecond).toFixed(2);
  line(
    `/bin/true, ${WIDE} wide, ${rates.length} rounds of ${RUNS}, medians (shares are medians of the rounds' shares)`,
  );
  line(`  (a) bare spawn, stdio ignored  ${of((each) => each.ignored.perSecond).toFixed(0)}/s`);
  line(`  (b) bare spawn, into new files ${of((each) => each.files.perSecond).toFixed(0)}/s`);
  line(`  (c) execa                      ${of((each) => each.execa.perSecond).toFixed(0)}/s`);
  const full = of((each) => each.empty.perSecond);
  const [a, b, c] = [ratio('ignored'), ratio('files'), ratio('execa')];
  line(`  (d) our full path              ${full.toFixed(0)}/s = ${a} of (a), ${b} of (b), ${c} of (c)`);
  const cost = (pick: (each: Rates) => number, digits = 2): string => of(pick).toFixed(digits);
  line(
    `      per run: daemon ${cost((each) => each.empty.cpuMsPerRun)} ms CPU, keeper ${cost((each) => each.empty.keeperCpuMsPerRun)} ms, ` +
      `${cost((each) => each.empty.commitsPerRun)} commits; (a) ${cost((each) => each.ignored.cpuMsPerRun)} ms, (c) ${cost((each) => each.execa.cpuMsPerRun)} ms`,
  );
  line(`with ${PAST} runs in the ledger`);
  line(
    `  full path ${cost((each) => each.past.perSecond, 0)}/s, ${cost((each) => each.past.cpuMsPerRun)} ms CPU in the daemon: ` +
      `${cost((each) => each.past.cpuMsPerRun / each.empty.cpuMsPerRun)} times the CPU of an empty one, ` +
      `${cost((each) => each.past.perSecond / each.empty.perSecond)} times its rate`,
  );
  return full;
}

function tellLateness({ burst, spread }: Lateness): void {
  const of = (values: readonly number[]): string =>
    [0.5, 0.99, 1].map((share) => `${quantile(values, share).toFixed(0)} ms`).join(' / ');
  line(`slot to exec, p50 / p99 / max (the agent's own first clock reading, so with the start of sh and date)`);
  line(`  ${ALIVE} slots over 20 s (ten each second), ${ALIVE} agents alive: ${of(spread)}`);
  line(`  ${ALIVE} at one instant: ${of(burst)}`);
}

function tellRest(rest: readonly Rest[]): void {
  line('at rest (adf start as a process of its own)');
  for (const [index, each] of rest.entries()) {
    line(
      `  ${['1,000', '10,000'][index]} scheduled agents: ${each.sharePercent.toFixed(2)} % of one core, daemon ${each.daemonMb.toFixed(0)} MB + ` +
        `keeper ${each.keeperMb.toFixed(0)} MB resident (${each.togetherMb.toFixed(0)} MB with shared pages counted once), ` +
        `${(each.bytesPerSecond / 1000).toFixed(1)} kB/s written`,
    );
  }
}

async function measure(): Promise<void> {
  const filling = fill().finally(() => {
    stage(`a ledger with ${PAST} runs is written`);
  });
  filling.catch(() => undefined);
  tellRest(await atRest(filling));
  const late = await lateness();
  tellLateness(late);
  const full = tellRates(await throughput(await filling));
  const bound = (1.3 * ALIVE * 1000) / full;
  const share = (quantile(late.burst, 1) / bound).toFixed(2);
  line(`1.3 × ${ALIVE} ÷ (d) is ${bound.toFixed(0)} ms: the last of ${ALIVE} due at one instant took ${share} of it`);
}

const tooLate = setTimeout(() => {
  void end(new Error(`not done within ${LONGEST_MS / 1000} s`));
}, LONGEST_MS);

async function end(failure: Error | null): Promise<void> {
  clearTimeout(tooLate);
  await Promise.allSettled(open.map(async (each) => each.stop()));
  rmSync(root, { recursive: true, force: true });
  if (failure !== null) {
    console.error(`a measurement could not be made: ${failure.message}`);
    process.exit(1);
  }
  line(`took ${(sinceMs() / 1000).toFixed(0)} s`);
}

try {
  await measure();
  await end(null);
  if (process.argv.includes('--write')) {
    writeFigures(told, new Date());
  }
} catch (error) {
  await end(error instanceof Error ? error : new Error('unknown', { cause: error }));
}
