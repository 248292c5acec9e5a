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
    // Two CLIs at a time: one starts on one core while another waits for a hold, a backoff or a look.
    maxWorkers: 2,
    globalSetup: ['test/agents/docs.ts'],
    passWithNoTests: false,
    testTimeout: 120_000,
    hookTimeout: 320_000,
  },
});
