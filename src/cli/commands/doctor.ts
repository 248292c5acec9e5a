// adf doctor: what this machine can enforce, which CLIs it has, what is missing and what to do about it.

import type { Client } from '../../http/client/client.ts';
import type { StatusView } from '../../http/contract.ts';
import { OperationalError } from '../../lib/operational-error.ts';
import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE, FAILED, INTERRUPTED, usageError } from '../exit-code.ts';
import type { ConformanceWish, DoctorCheck } from '../local.ts';
import { renderConformance } from '../render/conformance.ts';
import { renderDoctor } from '../render/doctor.ts';
import { cureOf } from '../render/errors.ts';
import type { Session } from '../session.ts';

interface Options {
  readonly conformance?: true;
  readonly cli?: readonly string[];
  readonly scenario?: readonly string[];
}

/** `adf doctor`, `adf doctor --conformance` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .option('--conformance', 'put the agent CLIs of this machine through scenarios, against a model on loopback')
    .option('--cli <name...>', 'with --conformance: these CLIs alone')
    .option('--scenario <name...>', 'with --conformance: these scenarios alone')
    .action((options: Options) =>
      run(async (session) => {
        const { conformance, cli = [], scenario = [] } = options;
        if (conformance === true) {
          return conform(session, { clis: cli, scenarios: scenario });
        }
        if (cli.length + scenario.length > 0) {
          throw usageError('--cli and --scenario choose among the scenarios of --conformance');
        }
        const { status, checks: told } = await askDaemon(session);
        const checks = [...(await session.local.doctor(session.place, status)), ...told];
        await session.result(checks, () => renderDoctor(checks, session));
        return checks.some((check) => check.state === 'missing') ? FAILED : DONE;
      }),
    );
};

async function conform(session: Session, wish: ConformanceWish): Promise<number> {
  const watch = { tell: (line: string) => session.note(line), interrupt: session.ending };
  const views = await session.local.conformance(session.place, wish, watch);
  await session.result(views, () => renderConformance(views, session));
  if (session.interrupted) {
    return INTERRUPTED;
  }
  return views.some(({ rows }) => rows.some(({ wrong }) => wrong.length > 0)) ? FAILED : DONE;
}

/** What only a running daemon knows. */
interface Told {
  readonly status: StatusView | null;
  readonly checks: readonly DoctorCheck[];
}

/** That none runs is worth a line, and no failure. */
async function askDaemon(session: Session): Promise<Told> {
  try {
    return await toldBy(await session.client());
  } catch (error) {
    if (!(error instanceof OperationalError)) {
      throw error;
    }
    const remedy = cureOf(error.code, session.asked);
    return { status: null, checks: [{ area: 'daemon', state: 'limited', text: error.message, remedy }] };
  }
}

async function toldBy(client: Client): Promise<Told> {
  const [status, outbox] = await Promise.all([client.status(), client.outbox()]);
  const parked = outbox.filter((row) => row.state === 'parked');
  const checks = [
    {
      area: 'daemon',
      state: 'ok' as const,
      text: `runs with pid ${status.pid}, version ${status.version}`,
      remedy: null,
    },
    ...parked.map((row): DoctorCheck => ({
      area: row.target,
      state: 'missing',
      text: `${row.effect}: ${row.lastError ?? 'refused'}`,
      remedy: 'put it right, then: adf reload',
    })),
  ];
  return { status, checks };
}
