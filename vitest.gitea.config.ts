import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/gitea/**/*.test.ts'],
    pool: 'forks',
    passWithNoTests: false,
    testTimeout: 60_000,
    hookTimeout: 30_000,
  },
});
