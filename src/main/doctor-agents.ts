// What doctor says of what agents are promised: the sandboxes that close the machine to them, and their secrets.

import type { DoctorCheck } from '../cli/local.ts';
import type { Fleet } from '../core/fleet.ts';
import type { Sandboxing } from '../core/sandbox/sandbox.ts';
import { counted } from '../lib/counted.ts';
import { OperationalError, messageOf } from '../lib/operational-error.ts';
import { secretsInForce } from './agent-secrets.ts';
import { finding, ok } from './findings.ts';

/** What of sandboxes is in force here, and how many agents it concerns. */
export function sandboxes(fleet: Fleet | null, held: Sandboxing): readonly DoctorCheck[] {
  const agents = fleet?.agents ?? [];
  const levels = (['standard', 'strict'] as const).map((level) => ({
    level,
    count: agents.filter((agent) => agent.sandbox === level).length,
    why: held[level],
  }));
  const listed = agents.filter((agent) => agent.sandbox === 'strict' && agent.allowedAddresses.length > 0).length;
  return [
    ...levels.map(({ level, count, why }) => {
      const whom = fleet === null ? '' : ` · ${counted(count, 'agent')}`;
      return why === null
        ? ok('sandbox', `${level}: can be had${whom}`)
        : finding(
            count === 0 ? 'limited sandbox' : 'missing sandbox',
            `${level}: cannot be had${count === 0 ? '' : `, nothing of ${counted(count, 'agent')} is started`}`,
            why,
          );
    }),
    ...(listed > 0 && held.addresses !== null
      ? [
          finding(
            'missing sandbox',
            `nothing of ${counted(listed, 'agent')} with allowed_addresses is started`,
            held.addresses,
          ),
        ]
      : []),
  ];
}

/** Whether every agent can be given the secrets that it names; says no value. */
export async function secrets(
  fleet: Fleet,
  environment: Readonly<Record<string, string>>,
): Promise<readonly DoctorCheck[]> {
  const values = secretsInForce({ now: fleet }, environment);
  const agents = fleet.agents.filter((agent) => agent.secrets.length > 0);
  const wrong = new Map<string, DoctorCheck>();
  for (const agent of agents) {
    try {
      await values.of(agent);
    } catch (error) {
      const text = messageOf(error);
      wrong.set(text, isElsewhere(error, fleet, environment) ? notOurs(text) : finding('missing secrets', text, CURE));
    }
  }
  return agents.length === 0 || wrong.size > 0
    ? [...wrong.values()]
    : [ok('secrets', `${counted(agents.length, 'agent')} can be given what they name`)];
}

const CURE = 'put it right, then: adf doctor';

function notOurs(text: string): DoctorCheck {
  return finding('limited secrets', `${text}: only the service can look`, 'sudo adf doctor');
}

/** Whoever may not look at a file, or has no credentials, cannot say whether the service can. */
function isElsewhere(error: unknown, fleet: Fleet, environment: Readonly<Record<string, string>>): boolean {
  const cause = error instanceof OperationalError ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  const places = [fleet.secrets.envFile, ...Object.values(fleet.secrets.files)];
  const hasCredentials = places.some((place) => place?.startsWith('credential:') === true);
  return cause?.code === 'EACCES' || (hasCredentials && environment['CREDENTIALS_DIRECTORY'] === undefined);
}
