// Refuses while a pause flag exists; what cannot be looked at counts as paused.

import type { Gate, Objection } from '../gate.ts';
import { reason } from '../reasons.ts';
import type { ReasonCode } from '../reasons.ts';
import type { FlagLook } from '../snapshot.ts';

/** The factory's flag holds everything, a project's flag its project; an agent without a project knows only the first. */
export const pauseGate: Gate = (request, { host }) => {
  const project = request.project;
  const look: FlagLook =
    project === null
      ? { kind: 'absent' }
      : (host.projectFlags.get(project) ?? { kind: 'unknown', message: 'the flag was not looked at' });
  return [objection('factory.paused', host.factoryFlag), objection('project.paused', look)];
};

function objection(code: ReasonCode, look: FlagLook): Objection {
  switch (look.kind) {
    case 'absent':
      return null;
    case 'present':
      return {
        kind: 'refuse',
        reason: reason(code, `${look.path} exists, put there by ${look.by}`, { since: look.since }),
      };
    case 'unknown':
      return { kind: 'refuse', reason: reason(code, `paused to be safe: ${look.message}`) };
  }
}
