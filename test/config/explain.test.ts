// What `adf explain` answers.

import { describe, expect, it } from 'vitest';

import { explainKey, explanationLines, keyTable } from '../../src/config/explain.ts';
import { KEYS } from '../../src/config/schema.ts';

function lines(query: string): string[] {
  const result = explainKey(query);
  return result.kind === 'ok' ? result.keys.flatMap(explanationLines) : [];
}

describe('explainKey', () => {
  it('tells meaning, what is allowed, default, unit and example of a key', () => {
    expect(lines('grace_period_secs')).toEqual([
      '[[agents]] grace_period_secs',
      '  Time from the first signal to the kill of the whole tree.',
      '  must be  a duration with its unit (5 s to 5 min), such as "90s", "10m" or "2h", or a number of seconds',
      '  default  10',
      '  number   a plain number counts seconds',
      '  example  grace_period_secs = 30',
    ]);
  });

  it('tells what is taken from the environment, what has no effect yet, and which keys a table has', () => {
    expect(lines('working_dir').join('\n')).toContain('${NAME} and ${NAME:-default} are replaced here');
    expect(lines('terraphim_role').join('\n')).toContain('none yet');
    expect(lines('misfire')).toContain('  keys     policy, late_ok');
    expect(lines('name')[0]).toBe('[factory] name');
  });

  it.each([
    ['agents[].retry.max', ['agents[].retry.max']],
    ['agents[2].retry.max', ['agents[].retry.max']],
    ['agents.retry.max', ['agents[].retry.max']],
    ['[[agents]] retry.max', ['agents[].retry.max']],
    ['retry.max', ['agents[].retry.max']],
    ['"max_pids"', ['agents[].max_pids']],
    ['threshold', ['breaker.threshold', 'projects[].breaker.threshold']],
    ['breaker', ['breaker']],
    ['agents', ['agents']],
    ['include', ['include']],
  ])('understands %j', (query, paths) => {
    expect(explainKey(query)).toMatchObject({ kind: 'ok', keys: paths.map((path) => ({ path })) });
  });

  it.each([
    ['tiemout', 'timeout'],
    ['agents.retry.maxx', 'agents.retry.max'],
    ['qqqqqq', null],
    ['', null],
  ])('names the nearest key to %j: %j', (query, nearest) => {
    expect(explainKey(query)).toEqual({ kind: 'unknown', nearest });
  });

  it.each(KEYS.map((key) => [key.path]))('finds %s by its own path', (path) => {
    expect(explainKey(path)).toMatchObject({ kind: 'ok', keys: [{ path }] });
  });
});

describe('keyTable', () => {
  it('has one row for each key, and no cell that breaks it', () => {
    const rows = keyTable().split('\n');

    expect(rows).toHaveLength(KEYS.length + 2);
    for (const row of rows) {
      expect(row.replaceAll('\\|', '').split('|')).toHaveLength(6);
    }
  });
});
