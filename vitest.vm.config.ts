import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/vm/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    passWithNoTests: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
