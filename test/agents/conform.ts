// Puts one agent CLI, as installed from the registry, through the scenarios of the kit; what it did is written to the docs.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { EXPECTATIONS } from '../../src/conformance/expectations.ts';
import type { CliName } from '../../src/conformance/expectations.ts';
import { Kit } from '../../src/conformance/kit.ts';
import { agentsOf, casesOf } from '../../src/conformance/scenarios.ts';
import type { Measured } from '../../src/conformance/scenarios.ts';
import { driverFor } from '../../src/drivers/registry.ts';
import { leaveSection } from './docs.ts';
import { install } from './install.ts';
import { ProcessFactory } from './process-factory.ts';

/** Registers the tests of `cli`. */
export function conform(cli: CliName): void {
  describe(cli, () => {
    const { capabilities } = driverFor(cli);
    const cases = casesOf(cli);
    const rows: Measured[] = [];
    const factory = new ProcessFactory();
    let kit: Kit | null = null;
    let version = '';
    let played = 0;

    beforeAll(async () => {
      const installed = await install(cli);
      ({ version } = installed);
      kit = await Kit.start({ name: cli, program: installed.program, capabilities }, factory, agentsOf(cli));
    });
    afterAll(async () => {
      await (kit ?? factory).close();
      // A part of the scenarios, run by hand, is no section of the table.
      if (played === cases.length) {
        leaveSection({ cli, heading: `${cli} ${version}`, rows, capabilities });
      }
    });

    // Each run has a limit of its own, which says what was waited for; the test's only stands behind it.
    for (const { title, runs, play } of cases) {
      test(title, { timeout: (runs + 1) * EXPECTATIONS[cli].patienceMs }, async () => {
        const measured = kit === null ? [] : await play(kit);
        rows.push(...measured);
        played += 1;
        expect(measured.flatMap(({ scenario, wrong }) => wrong.map((text) => `${scenario}: ${text}`))).toEqual([]);
      });
    }

    test('is known in the version that is put through this', () => {
      expect(capabilities.measuredWith).toBe(version);
    });
  });
}
