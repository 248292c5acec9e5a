// Small states by kind and key in SQLite, as JSON.

import type { StateStore } from '../../ports/ledger.ts';
import type { Statements } from './statements.ts';

/** The state store over `sql`. */
export function stateStore(sql: Statements): StateStore {
  return {
    get: (kind, key) => {
      const row = sql.get('SELECT value FROM states WHERE kind = ? AND key = ?', kind, key);
      return row === undefined ? null : (JSON.parse(String(row['value'])) as unknown);
    },
    set: (kind, key, value) => {
      sql.run(
        'INSERT INTO states (kind, key, value) VALUES (?,?,?) ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value',
        kind,
        key,
        JSON.stringify(value),
      );
    },
    remove: (kind, key) => {
      sql.run('DELETE FROM states WHERE kind = ? AND key = ?', kind, key);
    },
    all: (kind) =>
      new Map(
        sql
          .all('SELECT key, value FROM states WHERE kind = ? ORDER BY key', kind)
          .map((row) => [String(row['key']), JSON.parse(String(row['value'])) as unknown]),
      ),
  };
}
