import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/fresh/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    passWithNoTests: false,
    testTimeout: 400_000,
    hookTimeout: 120_000,
  },
});
