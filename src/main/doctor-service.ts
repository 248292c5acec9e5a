// What doctor says of the service that `adf install` made of this machine, and of one that belongs to somebody else.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../adapters/program.ts';
import type { DaemonSeen, DoctorCheck } from '../cli/local.ts';
import type { Fleet } from '../core/fleet.ts';
import { layout } from '../core/install/layout.ts';
import type { Layout } from '../core/install/layout.ts';
import { credentialsOf } from '../core/sandbox/secret-files.ts';
import { limitChecks } from './doctor-limits.ts';
import { finding, ok } from './findings.ts';
import { askOfKeepers } from './keepers-in-service.ts';

const TIMEOUT_MS = 10_000;
/** Where the manager puts what it gives the service while that runs. */
const GIVEN = '/run/credentials/adf.service';

/** What is known of the credentials of the installed service. */
export interface CredentialFacts {
  /** The unit as its manager reads it, with what others added. */
  readonly unit: string;
  /** Names of the files in the folder of credentials. */
  readonly files: ReadonlySet<string>;
  /** Names of those that the service has, and that are not empty; null: it does not run. */
  readonly given: ReadonlySet<string> | null;
}

/** Whether the service can be given each credential of `names`. */
export function credentialChecks(
  names: readonly string[],
  { unit, files, given }: CredentialFacts,
  place: Pick<Layout, 'credentials'> = layout(),
): readonly DoctorCheck[] {
  const wrong = names.flatMap((name) => {
    const path = join(place.credentials, name);
    const lines = unit.split('\n').filter((line) => loadedBy(line) === name);
    const isOurs = lines.length === 0 || lines.at(-1)?.endsWith(`:${path}`) === true;
    if (given?.has(name) === true) {
      return [];
    }
    if (isOurs && !files.has(name)) {
      const cure = `sudo install -m 600 /dev/stdin ${path}, then: sudo adf install, sudo systemctl restart adf`;
      return [finding('missing credential', `${name}: agents.toml names it, and there is no file ${path}`, cure)];
    }
    if (lines.length === 0) {
      const cure = 'sudo adf install, then: sudo systemctl restart adf';
      return [finding('missing credential', `${name}: agents.toml names it, and adf.service does not load it`, cure)];
    }
    return given === null
      ? []
      : [
          finding(
            'missing credential',
            `${name}: the service that runs was started without it, or its file is empty`,
            'sudo systemctl restart adf',
          ),
        ];
  });
  return names.length === 0 || wrong.length > 0
    ? wrong
    : [ok('credential', `the service is given ${names.join(', ')} (adf.service)`)];
}

/** The name that a line of a unit loads. A default alone gives nothing. */
function loadedBy(line: string): string | null {
  return (
    /^LoadCredential(?:Encrypted)?=([^:]+)/.exec(line)?.[1] ?? /^SetCredentialEncrypted=([^:]+)/.exec(line)?.[1] ?? null
  );
}

/** The credentials of `fleet`, whose agents.toml is the installed service's; none where there is no such service. */
export async function credentials(fleet: Fleet, path: string): Promise<readonly DoctorCheck[]> {
  const { code, stdout } = await runProgram({
    argv: ['systemctl', 'cat', '--no-pager', 'adf.service'],
    env: { PATH: path },
    timeoutMs: TIMEOUT_MS,
  });
  const names = credentialsOf(fleet);
  return code !== 0 || names.length === 0
    ? []
    : credentialChecks(names, {
        unit: stdout,
        files: new Set(filesIn(layout().credentials)),
        given: isThere(GIVEN) ? new Set(filesIn(GIVEN).filter(isFilled)) : null,
      });
}

/** `environment` with the folder of credentials that the installed service has, for root who looks in its place. */
export function environmentOfService(
  environment: Readonly<Record<string, string>>,
  given = GIVEN,
): Readonly<Record<string, string>> {
  return { CREDENTIALS_DIRECTORY: isThere(given) ? given : layout().credentials, ...environment };
}

function isFilled(name: string): boolean {
  return readFileSync(join(GIVEN, name), 'utf8').trim() !== '';
}

function filesIn(folder: string): readonly string[] {
  return isThere(folder) ? readdirSync(folder) : [];
}

function isThere(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Whether the factory of `stateDir` is somebody else's, of which we can see nothing from outside. */
export function isAnothers(stateDir: string, uid = process.getuid?.()): boolean {
  const owner = statSync(stateDir, { throwIfNoEntry: false })?.uid;
  return uid !== 0 && owner !== undefined && owner !== uid;
}

/** What can be said of a factory that is somebody else's: what its daemon tells, and who can look at the rest. */
export function ofAnothers(stateDir: string, daemon: DaemonSeen | null): readonly DoctorCheck[] {
  return [
    ...(daemon === null ? [] : limitChecks(daemon.limits)),
    finding(
      'limited service',
      `${stateDir} is another user's: sandboxes, secrets, disk, issues, projects and programs are seen by that user alone`,
      'sudo adf doctor',
    ),
  ];
}

/** Whether restarts of the service that the daemon of `fleet` may be leave its agents alone. */
export async function keepers(
  { factory }: Fleet,
  daemon: DaemonSeen | null,
  environment: Readonly<Record<string, string>>,
): Promise<readonly DoctorCheck[]> {
  const wrong =
    daemon === null
      ? null
      : await askOfKeepers({ choice: factory.host, pid: daemon.pid, isRoot: process.getuid?.() === 0, environment });
  return wrong === null ? [] : [finding('limited service', wrong.text, wrong.cure)];
}
