// Sessions of agent CLIs in SQLite.

import type { SessionRecord } from '../../core/session/session.ts';
import type { SessionStore } from '../../ports/session-store.ts';
import { json, parsed } from './statements.ts';
import type { Statements } from './statements.ts';

/** The session store over `sql`. */
export function sessionStore(sql: Statements): SessionStore {
  return {
    get: (id) => {
      const row = sql.get('SELECT * FROM sessions WHERE id = ?', id);
      return row === undefined
        ? null
        : {
            id: String(row['id']),
            driver: String(row['driver']),
            agent: String(row['agent']),
            workingDir: String(row['working_dir']),
            begunAt: Number(row['begun_at']),
            usedAt: Number(row['used_at']),
            tokens: Number(row['tokens']),
            total: parsed(row['total']) as SessionRecord['total'],
            usable: row['usable'] === null ? null : row['usable'] === 1,
          };
    },
    put: (session) => {
      sql.run(
        `INSERT INTO sessions (id, driver, agent, working_dir, begun_at, used_at, tokens, total, usable) VALUES (?,?,?,?,?,?,?,?,?)
         ON CONFLICT (id) DO UPDATE SET used_at = excluded.used_at, tokens = excluded.tokens, total = excluded.total,
           usable = excluded.usable`,
        session.id,
        session.driver,
        session.agent,
        session.workingDir,
        session.begunAt,
        session.usedAt,
        session.tokens,
        json(session.total),
        session.usable === null ? null : Number(session.usable),
      );
    },
  };
}
