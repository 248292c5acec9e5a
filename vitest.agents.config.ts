import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

// Not /tmp: gemini reads no system defaults below a folder that everybody may write to.
const TMPDIR = fileURLToPath(new URL('node_modules/.cache/agents/tmp', import.meta.url));
mkdirSync(TMPDIR, { recursive: true });

export default defineConfig({
  test: {
    include: ['test/agents/**/*.test.ts'],
    env: { TMPDIR },
    pool: 'forks',
    // One CLI at a time: each starts processes of its own, and two that start together fill two cores for seconds.
    fileParallelism: false,
    passWithNoTests: false,
    testTimeout: 120_000,
    hookTimeout: 320_000,
  },
});
