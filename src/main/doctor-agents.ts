// What doctor says of what agents are promised: the sandboxes that close the machine to them, and their secrets.

import { hiddenAlone } from '../adapters/bubblewrap.ts';
import type { DoctorCheck } from '../cli/local.ts';
import type { Fleet } from '../core/fleet.ts';
import { hasAddressList, sandboxOf, type Sandboxing } from '../core/sandbox/sandbox.ts';
import { secretFilesOf } from '../core/sandbox/secret-files.ts';
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
  const listed = agents.filter(hasAddressList).length;
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

/**
 * Projects in a sandbox of the machine's manager that run as one user: the kernel lets a user end each process of its own.
 * `defaultUser`: of agents whose project names none; null: the sandbox is bubblewrap's, where nobody else's process is seen.
 */
export function sharedUsers(fleet: Fleet, defaultUser: string | null): readonly DoctorCheck[] {
  const groups = new Map<string, { readonly names: Set<string>; closed: number }>();
  for (const { project, sandbox } of defaultUser === null ? [] : fleet.agents) {
    const user = fleet.projects.find(({ id }) => id === project)?.user ?? defaultUser ?? '';
    const group = groups.get(user) ?? { names: new Set(), closed: 0 };
    groups.set(user, group);
    group.names.add(project ?? 'agents without a project');
    group.closed += sandbox === 'off' ? 0 : 1;
  }
  return [...groups]
    .filter(([, { names, closed }]) => names.size > 1 && closed > 0)
    .map(([user, { names }]) =>
      finding(
        'limited sandbox',
        `${[...names].toSorted().join(', ')} run as ${user}: each can end the processes of the others`,
        'set [[projects]] user, another one for each',
      ),
    );
}

/** Secrets that an agent of our own user can come to see. `defaultUser`: as in `sharedUsers`; another user's cannot read them. */
export function replaceableSecrets(fleet: Fleet, defaultUser: string | null): readonly DoctorCheck[] {
  const agent = fleet.agents.find((one) => one.sandbox !== 'off');
  const sandbox =
    agent === undefined || defaultUser !== null ? null : sandboxOf({ ...agent, folder: null, login: null }, fleet, []);
  const files = new Set(secretFilesOf(fleet));
  return hiddenAlone(sandbox?.hidden ?? [])
    .filter((path) => files.has(path))
    .map((path) =>
      finding(
        'limited sandbox',
        `${path} is hidden, but a new file in its place would be seen by agents that run then`,
        'keep it in a folder that holds secrets alone',
      ),
    );
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
