// The fake host keeps the promises of the port, so that what stands on it may believe it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { executionHostSuite, type HostRig } from '../ports/execution-host.suite.ts';
import type { AttemptId } from '../../src/core/ids.ts';
import { FakeHost } from './fake-host.ts';
import { Daemon, specIn } from './host-specs.ts';
import { ManualTimers } from './manual-timers.ts';

executionHostSuite('the fake host', (): HostRig => {
  const dir = mkdtempSync(join(tmpdir(), 'adf-fake-'));
  const clock = new ManualTimers();
  const host = new FakeHost(clock);
  host.script(({ argv }) => {
    if (argv[0] === 'exit 3') {
      return { endsAfterMs: 0, code: 3 };
    }
    return argv[0] === 'deaf' ? { ignores: ['interrupt', 'terminate'] } : {};
  });
  return {
    connect: (known) => Daemon.connect(host, known),
    crash: () => Promise.resolve(host.disconnect()),
    spec: (id, doing, wish = {}) => specIn(dir, { id, argv: [doing] }, wish),
    finish: (id, code) => host.exit(id as AttemptId, { code }),
    ready: () => Promise.resolve(),
    began: (id) => host.starts.filter(({ spec }) => spec.attemptId === id).length,
    killHost: () => Promise.resolve(host.die()),
    pass: (ms) => clock.advance(ms),
    path: (name) => join(dir, name),
    dispose: () => Promise.resolve(rmSync(dir, { recursive: true })),
  };
});
