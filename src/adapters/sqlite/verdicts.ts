// Verdicts on requests in SQLite: a new row only when the answer changes.

import type { RunId } from '../../core/ids.ts';
import type { Reason } from '../../core/admission/reasons.ts';
import type { VerdictRow, VerdictStore } from '../../ports/ledger.ts';
import { codesOf } from './slots.ts';
import type { Statements } from './statements.ts';

/** The verdict store over `sql`. */
export function verdictStore(sql: Statements): VerdictStore {
  return {
    note: (run, decision, { reasons, now }) => {
      const codes = codesOf(reasons);
      const last = sql.get('SELECT id, decision, codes FROM verdicts WHERE run = ? ORDER BY id DESC LIMIT 1', run);
      if (last !== undefined && last['decision'] === decision && last['codes'] === codes) {
        sql.run(
          'UPDATE verdicts SET last_at = ?, count = count + 1, reasons = ? WHERE id = ?',
          now,
          JSON.stringify(reasons),
          Number(last['id']),
        );
        return false;
      }
      sql.run(
        'INSERT INTO verdicts (run, decision, codes, reasons, first_at, last_at, count) VALUES (?,?,?,?,?,?,1)',
        run,
        decision,
        codes,
        JSON.stringify(reasons),
        now,
        now,
      );
      return true;
    },
    ofRun: (run) =>
      sql.all('SELECT * FROM verdicts WHERE run = ? ORDER BY id', run).map((row) => ({
        run: row['run'] as RunId,
        decision: row['decision'] as VerdictRow['decision'],
        reasons: JSON.parse(String(row['reasons'])) as Reason[],
        firstAt: Number(row['first_at']),
        lastAt: Number(row['last_at']),
        count: Number(row['count']),
      })),
  };
}
