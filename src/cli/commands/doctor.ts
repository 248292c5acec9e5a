// adf doctor: what this machine can enforce, which CLIs it has, what is missing and what to do about it.

import type { Client } from '../../http/client/client.ts';
import { OperationalError } from '../../lib/operational-error.ts';
import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE, FAILED } from '../exit-code.ts';
import type { DoctorCheck } from '../local.ts';
import { renderDoctor } from '../render/doctor.ts';
import type { Session } from '../session.ts';

/** `adf doctor` */
export const define: Define = (command, run) => {
  withDaemon(command).action(() =>
    run(async (session) => {
      const checks = [...(await session.local.doctor(session.place)), ...(await askDaemon(session))];
      await session.result(checks, () => renderDoctor(checks, session));
      return checks.some((check) => check.state === 'missing') ? FAILED : DONE;
    }),
  );
};

/** What only a running daemon knows. That none runs is worth a line, and no failure. */
async function askDaemon(session: Session): Promise<readonly DoctorCheck[]> {
  try {
    return await checksOf(await session.client());
  } catch (error) {
    if (!(error instanceof OperationalError)) {
      throw error;
    }
    return [{ area: 'daemon', state: 'limited', text: error.message, remedy: 'adf start' }];
  }
}

async function checksOf(client: Client): Promise<readonly DoctorCheck[]> {
  const [status, outbox] = await Promise.all([client.status(), client.outbox()]);
  const parked = outbox.filter((row) => row.state === 'parked');
  return [
    { area: 'daemon', state: 'ok', text: `runs with pid ${status.pid}, version ${status.version}`, remedy: null },
    ...parked.map((row): DoctorCheck => ({
      area: row.target,
      state: 'missing',
      text: `${row.effect}: ${row.lastError ?? 'refused'}`,
      remedy: 'put it right, then: adf reload',
    })),
  ];
}
