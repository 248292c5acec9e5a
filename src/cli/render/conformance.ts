// Draws what the agent CLIs of this machine did in the scenarios of the conformance kit, and what of it is not as expected.

import { counted } from '../../lib/counted.ts';
import type { ConformanceView } from '../local.ts';
import type { Look } from './look.ts';
import { table } from './table.ts';

const HEAD = ['STATE', 'CLI', 'SCENARIO', 'CLASS', 'TOKENS TOLD', 'TOKENS SERVED', 'SECONDS', 'WHAT DIFFERS'];

/** The lines of `adf doctor --conformance`. */
export function renderConformance(views: readonly ConformanceView[], look: Look): readonly string[] {
  const rows = views.flatMap(({ cli, version, rows: measured }) =>
    measured.map((row) => [
      row.wrong.length === 0 ? { text: 'ok', tone: 'good' as const } : { text: 'differs', tone: 'bad' as const },
      `${cli} ${version}`,
      row.scenario,
      row.ending,
      row.told,
      row.served,
      String(row.seconds),
      row.wrong.join(' · '),
    ]),
  );
  const other = views.filter(({ version, measuredWith }) => measuredWith !== null && !version.includes(measuredWith));
  const bad = views.flatMap(({ rows: measured }) => measured).filter(({ wrong }) => wrong.length > 0).length;
  return [
    ...table(HEAD, rows, look),
    ...other.map(({ cli, version, measuredWith }) => `${cli}: the factory knows ${measuredWith}, here is ${version}`),
    bad === 0
      ? `${counted(rows.length, 'run')} as expected`
      : `${bad} of ${counted(rows.length, 'run')} not as expected: there the driver would misjudge this CLI`,
  ];
}
