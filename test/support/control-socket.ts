// A control server over a fake Control in a folder of its own, gone with its test.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { serve } from '../../src/http/serve.ts';
import type { ControlServer } from '../../src/http/serve.ts';
import type { Control } from '../../src/ports/control.ts';

/** A new folder that is removed when the test ends. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'adf-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Serves `control` at a socket; closed when the test ends. `crashes` collects what nobody expected. */
export async function serveForTest(control: Control, crashes: unknown[] = []): Promise<ControlServer> {
  const socketPath = join(testFolder(), 'adf.sock');
  const server = await serve({ control, socketPath, onCrash: (thrown) => crashes.push(thrown) });
  onTestFinished(() => server.close());
  return server;
}
