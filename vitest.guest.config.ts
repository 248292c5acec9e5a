import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/vm/guest/**/*.guest.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
