// Prepares each statement once and hides the driver's loose types behind three verbs.

import type Database from 'better-sqlite3';
import type { Db } from './open.ts';

/** A value that SQLite stores. */
export type Value = string | number | null;

/** One row as read; columns are checked where they are used. */
export type Row = Readonly<Record<string, Value>>;

/** Runs SQL with positional parameters; statements are kept by their text. */
export interface Statements {
  run(sql: string, ...values: readonly Value[]): { readonly changes: number; readonly lastId: number };
  get(sql: string, ...values: readonly Value[]): Row | undefined;
  all(sql: string, ...values: readonly Value[]): readonly Row[];
}

/** The statements of `db`. */
export function statements(db: Db): Statements {
  const kept = new Map<string, Database.Statement<Value[]>>();
  const prepared = (sql: string): Database.Statement<Value[]> => {
    let statement = kept.get(sql);
    if (statement === undefined) {
      statement = db.prepare<Value[]>(sql);
      kept.set(sql, statement);
    }
    return statement;
  };
  return {
    run: (sql, ...values) => {
      const { changes, lastInsertRowid } = prepared(sql).run(...values);
      return { changes, lastId: Number(lastInsertRowid) };
    },
    get: (sql, ...values) => prepared(sql).get(...values) as Row | undefined,
    all: (sql, ...values) => prepared(sql).all(...values) as Row[],
  };
}

/** JSON of a column that may be NULL. */
export function parsed(value: Value | undefined): unknown {
  return typeof value === 'string' ? (JSON.parse(value) as unknown) : null;
}

/** Text for a JSON column; null stays NULL. */
export function json(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
