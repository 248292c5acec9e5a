import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/torture/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    passWithNoTests: false,
    testTimeout: 180_000,
    hookTimeout: 30_000,
  },
});
