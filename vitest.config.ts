import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/torture/**', 'test/fresh/**', 'test/vm/**', 'test/agents/**', 'test/gitea/**'],
    pool: 'forks',
    // Most of the time of a test with real processes is waiting: two at once fill two cores, more would miss deadlines.
    maxWorkers: 2,
    // On a build machine that others load a deadline of ours may be missed once; twice is a failure. Locally nothing is repeated.
    retry: process.env['CI'] === 'true' ? 2 : 0,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
