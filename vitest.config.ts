import { defineConfig } from 'vitest/config';

const OTHER_TIERS = ['test/torture/**', 'test/fresh/**', 'test/vm/**', 'test/agents/**', 'test/gitea/**'];

/** Rooms whose tests start no process and change nothing of their own: they share a worker, which saves a minute. */
const PURE =
  'test/{architecture,cli,config,core,daemon,drivers,eval,gitea-double,http,lib,main,seeds,support}/**/!(*.proc).test.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    // Most of the time of a test with real processes is waiting: two at once fill two cores, more would miss deadlines.
    maxWorkers: 2,
    // On a build machine that others load a deadline of ours may be missed; three times in a row is a failure. Locally nothing is repeated.
    retry: process.env['CI'] === 'true' ? 2 : 0,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: { name: 'pure', include: [PURE], isolate: false, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'machine',
          include: ['test/**/*.test.ts'],
          exclude: [...OTHER_TIERS, PURE],
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
