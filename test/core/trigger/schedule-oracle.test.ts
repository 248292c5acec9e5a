import { beforeAll, describe, expect, it } from 'vitest';
import { FIVE_FIELDS, SIX_FIELDS } from '../../support/oracle-expressions.ts';
import { differencesAroundChanges, differencesOverYears, ORACLE_ZONES, tableOf } from '../../support/oracle-zones.ts';
import type { LocalTable } from '../../support/slot-oracle.ts';

describe('core and an oracle that walks the minutes', () => {
  it('are asked about 200 expressions', () => {
    expect(FIVE_FIELDS.length + SIX_FIELDS.length).toBe(200);
  });

  describe.each(ORACLE_ZONES)('in %s, which %s', (zone) => {
    let table: LocalTable;
    beforeAll(() => {
      table = tableOf(zone, { first: 2024, count: 3 });
    });

    it('tell the same slots over three years', () => {
      expect(differencesOverYears(table)).toEqual([]);
    });

    it('tell the same seconds for two days around each clock change', () => {
      expect(differencesAroundChanges(table)).toEqual([]);
    });
  });
});
