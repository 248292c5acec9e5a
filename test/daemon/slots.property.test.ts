// Every due slot is covered by exactly one row, however daemon, clock, flags and disk behaved meanwhile.

import { afterEach, describe, expect, it } from 'vitest';
import type { AgentKey } from '../../src/core/ids.ts';
import type { SchedulerState } from '../../src/core/trigger/clock-step.ts';
import { isStorageFailure } from '../../src/lib/operational-error.ts';
import type { SlotRow } from '../../src/ports/ledger.ts';
import { seeded } from '../support/chance.ts';
import { DaemonRig } from '../support/daemon-rig.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Factories, and short histories that each of them lives through one after the other. */
const FACTORIES = 3;
const HISTORIES = 70;
const ROWS = 100_000;

/** Agents and when their slots come: `everyMs` after `fromMs` of each day or of each such stretch. */
const AGENTS = [
  { name: 'quick', schedule: '*/15 * * * * *', more: 'overlap = "skip"', everyMs: 15 * SECOND_MS, fromMs: 0 },
  { name: 'asking', schedule: '* * * * *', more: ASKS('queue'), everyMs: MINUTE_MS, fromMs: 0 },
  { name: 'stubborn', schedule: '* * * * *', more: RETRIES('replace'), everyMs: MINUTE_MS, fromMs: 0 },
  {
    name: 'catching',
    schedule: '*/2 * * * *',
    more: 'misfire = { policy = "run_all" }',
    everyMs: 2 * MINUTE_MS,
    fromMs: 0,
  },
  {
    name: 'daily',
    schedule: '10 11 * * *',
    more: 'misfire = { policy = "run_once" }',
    everyMs: DAY_MS,
    fromMs: 11 * HOUR_MS + 10 * MINUTE_MS,
  },
] as const;

function ASKS(overlap: string): string {
  return `overlap = "${overlap}"\npre_check = { kind = "shell", script = "true", timeout_secs = 30 }`;
}

function RETRIES(overlap: string): string {
  return `overlap = "${overlap}"\nretry = { max = 2, backoff = "20s" }`;
}

function toml(limit: number, enabled: boolean): string {
  const agents = AGENTS.map(
    ({ name, schedule, more }) =>
      `[[agents]]\nname = "${name}"\nproject = "web"\nlayer = "Core"\nschedule = "${schedule}"\ncli_tool = "sh"\ntask = "true"\nenabled = ${enabled}\n${more}\n`,
  );
  return `[[projects]]\nid = "web"\nworking_dir = "/repo"\nmax_concurrent_agents = ${limit}\n\n${agents.join('\n')}`;
}

/** What of the time line each clock epoch had to cover: (from, to]. */
class Epochs {
  readonly ranges: { epoch: number; from: number; to: number }[] = [];

  /** The scheduler's state as it stands in the ledger now. */
  see(state: SchedulerState | null): void {
    const last = this.ranges.at(-1);
    if (state === null) {
      return;
    }
    if (last === undefined || last.epoch !== state.epoch) {
      if (last !== undefined) {
        last.to = Math.max(last.to, state.watermarkMs);
      }
      this.ranges.push({ epoch: state.epoch, from: state.watermarkMs, to: state.watermarkMs });
    } else {
      last.to = Math.max(last.to, state.watermarkMs);
    }
  }
}

function dueSlots(
  agent: (typeof AGENTS)[number],
  { from, to }: { readonly from: number; readonly to: number },
): number[] {
  const slots: number[] = [];
  const first = Math.floor((from - agent.fromMs) / agent.everyMs) * agent.everyMs + agent.fromMs;
  for (let at = first; at <= to; at += agent.everyMs) {
    if (at > from) {
      slots.push(at);
    }
  }
  return slots;
}

let rig: DaemonRig;
afterEach(() => rig.dispose());

function rowsOf(name: string): readonly SlotRow[] {
  return rig.ledger.slots.ofAgent(`web/${name}` as AgentKey, ROWS);
}

function stateOf({ run }: SlotRow): string | undefined {
  return run === null ? undefined : rig.ledger.runs.get(run)?.state;
}

/** Slots that no row covers, or several; and rows that count what was not due. */
function mistakes(epochs: Epochs): readonly string[] {
  return AGENTS.flatMap((agent) => {
    const rows = rowsOf(agent.name);
    return epochs.ranges.flatMap((range) => {
      const mine = rows.filter((row) => row.epoch === range.epoch);
      const slots = dueSlots(agent, range);
      const wrong = slots.filter((at) => mine.filter((row) => row.from <= at && at <= row.to).length !== 1);
      const counted = mine.reduce((sum, row) => sum + row.count, 0);
      const where = `${agent.name} in epoch ${range.epoch}`;
      const forgotten = mine.filter((row) => row.verdict === 'waiting' && stateOf(row) !== 'waiting');
      return [
        ...forgotten.map((row) => `${where}: ${new Date(row.from).toISOString()} waits for nothing`),
        ...wrong.map((at) => `${where}: ${new Date(at).toISOString()}`),
        ...(counted === slots.length ? [] : [`${where}: ${slots.length} due, ${counted} counted`]),
      ];
    });
  });
}

/** A verb, which is refused while the disk is full. */
async function asAnOperator(verb: () => Promise<unknown>): Promise<void> {
  await verb().catch((error: unknown) => {
    if (!isStorageFailure(error)) {
      throw error;
    }
  });
}

/** One thing that happens to a factory. */
async function happen(random: () => number): Promise<void> {
  const upTo = (most: number): number => Math.floor(random() * most);
  switch (upTo(9)) {
    case 0:
    case 1:
      rig.killIn(upTo(25));
      await rig.pass(upTo(90_000));
      break;
    case 2:
      rig.kill();
      await rig.pass(upTo(12 * MINUTE_MS));
      break;
    case 3:
      rig.setFlag(random() < 0.3 ? '__all__' : 'web', random() < 0.6);
      break;
    case 4:
      rig.clock.offsetMs += (upTo(40) - 20) * MINUTE_MS + upTo(MINUTE_MS);
      break;
    case 5:
      await asAnOperator(async () => rig.reload(toml(1 + upTo(4), random() < 0.8)));
      break;
    case 6:
      full = random() < 0.5;
      break;
    case 7:
      await rig.leap(upTo(4 * MINUTE_MS));
      break;
    default:
      await asAnOperator(async () => rig.command(async (control) => control.drain({ end: random() < 0.7, by: 'ann' })));
  }
  await rig.pass(upTo(40_000));
  if (rig.isDead) {
    full = false;
    await rig.restart(random() < 0.2 ? upTo(12) : null);
  }
}

let full = false;

describe('slots', () => {
  it.each(Array.from({ length: FACTORIES }, (_, seed) => seed + 1))(
    `are each covered by exactly one row through ${HISTORIES} histories (seed %i)`,
    async (seed) => {
      const random = seeded(seed);
      const epochs = new Epochs();
      rig = await DaemonRig.start({ toml: toml(3, true), seed });
      full = false;
      rig.isDiskFull = () => {
        if (!full) {
          epochs.see(rig.ledger.states.get('clock', 'scheduler') as SchedulerState | null);
        }
        return full;
      };
      const lengths = [0, 300, 20_000, 70_000];
      for (const { name } of AGENTS) {
        rig.script(`web/${name}`, () => ({
          endsAfterMs: lengths[Math.floor(random() * lengths.length)] ?? 0,
          code: random() < 0.3 ? 1 : 0,
        }));
      }
      epochs.see(rig.ledger.states.get('clock', 'scheduler') as SchedulerState | null);
      for (let history = 0; history < HISTORIES; history += 1) {
        await happen(random);
      }
      full = false;
      while (rig.isDead) {
        await rig.restart();
      }
      rig.setFlag('web', false);
      rig.setFlag('__all__', false);
      await rig.pass(20_000);
      expect(mistakes(epochs)).toEqual([]);
      expect(epochs.ranges.length).toBeGreaterThan(1);
      expect(rowsOf('quick').length).toBeGreaterThan(20);
      const started = rig.host.starts.map(({ spec }) => spec.attemptId);
      expect(new Set(started).size).toBe(started.length);
    },
  );
});
