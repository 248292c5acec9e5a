import { describe, expect, it } from 'vitest';
import { differencesAroundChanges, differencesOverYears, ORACLE_ZONES, tableOf } from '../support/oracle-zones.ts';

describe('core and an oracle that walks the minutes', () => {
  it.each(ORACLE_ZONES)('tell the same slots over ten years in %s, which %s', (zone) => {
    const table = tableOf(zone, { first: 2020, count: 10 });
    expect(differencesOverYears(table)).toEqual([]);
    expect(differencesAroundChanges(table)).toEqual([]);
  });
});
