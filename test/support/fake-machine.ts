// A pretended machine: as much room, memory and calm as a test says.

import type { TreeWaits } from '../../src/core/supervise/liveness.ts';

/** Reports what its fields say. */
export interface FakeMachine {
  freeBytes: number;
  /** Null: the file system counts none. */
  freeInodes: number | null;
  /** Null: the kernel does not tell. */
  readonly pressure: Record<'memory' | 'cpu', number | null>;
  readonly totalMemoryBytes: number;
  /** What processes of attempts wait for; null: cannot be seen. */
  waitsFor: TreeWaits | null;
  waits(): TreeWaits | null;
  load(): { readonly cpuPercent: number; readonly memoryUsedBytes: number };
  disk(): Promise<{ readonly freeBytes: number; readonly freeInodes: number | null }>;
  pressurePercent(of: 'memory' | 'cpu'): number | null;
}

/** A machine with room for everything. */
export function fakeMachine(): FakeMachine {
  const machine: FakeMachine = {
    freeBytes: 100 * 1024 ** 3,
    freeInodes: null,
    pressure: { memory: null, cpu: null },
    totalMemoryBytes: 1024 ** 4,
    waitsFor: { processes: 1, onInput: null, connections: 1 },
    waits: () => machine.waitsFor,
    load: () => ({ cpuPercent: 50, memoryUsedBytes: 1024 ** 4 / 4 }),
    disk: async () => Promise.resolve({ freeBytes: machine.freeBytes, freeInodes: machine.freeInodes }),
    pressurePercent: (of) => machine.pressure[of],
  };
  return machine;
}
