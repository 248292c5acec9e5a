// Decides whether a request becomes a run now: asks every gate over one snapshot, so that every reason is known.

import type { Run } from '../run/run.ts';
import { agentGate } from './gates/agent.ts';
import { breakerGate } from './gates/breaker.ts';
import { budgetGate } from './gates/budget.ts';
import { capacityGate } from './gates/capacity.ts';
import { decayGate } from './gates/decay.ts';
import { deathsGate } from './gates/deaths.ts';
import { drainGate } from './gates/drain.ts';
import { enforcementGate } from './gates/enforcement.ts';
import type { Gate, Verdict } from './gate.ts';
import { overlapGate } from './gates/overlap.ts';
import { pauseGate } from './gates/pause.ts';
import { pressureGate } from './gates/pressure.ts';
import { providerGate } from './gates/provider.ts';
import { quarantineGate } from './gates/quarantine.ts';
import { sandboxGate } from './gates/sandbox.ts';
import { storageGate } from './gates/storage.ts';
import type { Snapshot } from './snapshot.ts';

const GATES: readonly Gate[] = [
  agentGate,
  pauseGate,
  breakerGate,
  overlapGate,
  decayGate,
  quarantineGate,
  providerGate,
  budgetGate,
  enforcementGate,
  sandboxGate,
  storageGate,
  pressureGate,
  deathsGate,
  capacityGate,
  drainGate,
];

/** Gates that change from outside between admission and start: asked again directly before the host is told. */
const LAST_LOOK: readonly Gate[] = [pauseGate, breakerGate, drainGate, enforcementGate, sandboxGate];

/** Asks every gate; one refusal refuses, else one deferral defers, else the request is admitted. */
export function admit(request: Run, snapshot: Snapshot): Verdict {
  return decide(GATES, request, snapshot);
}

/** The same over the gates of the last look. A drain is a no there: it ends with nothing that was claimed. */
export function lastLook(request: Run, snapshot: Snapshot): Verdict {
  const verdict = decide(LAST_LOOK, request, snapshot);
  return verdict.kind === 'defer' && verdict.reasons.some(({ code }) => code === 'draining')
    ? { kind: 'refuse', reasons: verdict.reasons }
    : verdict;
}

function decide(gates: readonly Gate[], request: Run, snapshot: Snapshot): Verdict {
  const objections = gates.flatMap((gate) => gate(request, snapshot)).filter((objection) => objection !== null);
  const refusals = objections.filter((objection) => objection.kind === 'refuse');
  if (refusals.length > 0) {
    return { kind: 'refuse', reasons: objections.map((objection) => objection.reason) };
  }
  if (objections.length > 0) {
    const times = objections.map((objection) => objection.reason.retryAt).filter((at) => at !== undefined);
    return {
      kind: 'defer',
      reasons: objections.map((objection) => objection.reason),
      until: times.length > 0 ? Math.min(...times) : null,
    };
  }
  return { kind: 'admit' };
}
