// `adf doctor`: what this machine can enforce, which agent CLIs it has, what is missing, and what cures it.

import { accessSync, constants, readFileSync, statfsSync } from 'node:fs';
import { systemClock } from '../adapters/clock/system-clock.ts';
import { pressurePercent } from '../adapters/host/machine.ts';
import { GiteaTracker } from '../adapters/gitea/tracker.ts';
import { runProgram } from '../adapters/program.ts';
import type { ConfigPlace, DaemonSeen, DoctorCheck } from '../cli/local.ts';
import { definedEnvironment, readEnvironment } from '../config/env.ts';
import { secretPath } from '../config/secret-place.ts';
import { findProgram } from '../config/this-machine.ts';
import type { Fleet } from '../core/fleet.ts';
import { layout } from '../core/install/layout.ts';
import { capabilityLines } from '../drivers/capability-table.ts';
import { DRIVERS, driverFor } from '../drivers/registry.ts';
import { formatBytes } from '../lib/bytes.ts';
import { counted } from '../lib/counted.ts';
import { messageOf } from '../lib/operational-error.ts';
import type { AgentDriver } from '../ports/agent-driver.ts';
import { load } from './config.ts';
import { secrets } from './doctor-agents.ts';
import { enforcement } from './doctor-limits.ts';
import { projects } from './doctor-projects.ts';
import { credentials, environmentOfService, isAnothers, keepers, ofAnothers } from './doctor-service.ts';
import { finding, ok } from './findings.ts';
import { packageVersion } from './package-files.ts';

/** Time for a CLI to print its version; opencode needs 12 s the first time. */
const VERSION_TIMEOUT_MS = 20_000;

/** Time for one answer of Gitea. */
const GITEA_TIMEOUT_MS = 5_000;

/** Looks at everything that a run depends on; most important first. `daemon`: the one that answers, if one does. */
export async function doctor(place: ConfigPlace, daemon: DaemonSeen | null = null): Promise<readonly DoctorCheck[]> {
  const loaded = load({ ...place, asService: false, foreground: false });
  const fleet = loaded.kind === 'ok' ? loaded.fleet : null;
  const first = [
    ...configuration(loaded),
    ok('node', `Node ${process.versions.node} · dark-factory ${packageVersion()}`),
  ];
  const stateDir = fleet?.factory.stateDir ?? daemon?.stateDir ?? null;
  if (stateDir !== null && isAnothers(stateDir)) {
    return [...first, ...ofAnothers(stateDir, daemon), ...(fleet === null ? [] : [pressure(fleet)])];
  }
  const isInstalled = loaded.path === layout().config && process.getuid?.() === 0;
  const environment = isInstalled ? environmentOfService(definedEnvironment()) : definedEnvironment();
  const held = await enforcement(fleet);
  if (fleet === null) {
    return [...first, ...held.checks, ...reaper(), ...(await programs(null))];
  }
  return [
    ...first,
    ...held.checks,
    ...(await keepers(fleet, daemon, environment)),
    ...storage(fleet),
    pressure(fleet),
    ...(isInstalled ? await credentials(fleet, environment['PATH'] ?? '/usr/bin:/bin') : []),
    ...(await secrets(fleet, environment)),
    ...(await escalations(fleet, environment)),
    ...reaper(),
    ...(await projects({ fleet, defaultUser: held.defaultUser, environment })),
    ...(await programs(fleet)),
  ];
}

function configuration(loaded: ReturnType<typeof load>): readonly DoctorCheck[] {
  return loaded.kind === 'ok'
    ? [
        ok(
          'configuration',
          `${loaded.path}: ${counted(loaded.fleet.agents.length, 'agent')} in ${counted(loaded.fleet.projects.length, 'project')}`,
        ),
      ]
    : [finding('missing configuration', `${loaded.path}: ${counted(loaded.errors.length, 'error')}`, 'adf check')];
}

function storage(fleet: Fleet): readonly DoctorCheck[] {
  const { stateDir, diskFreeFloorBytes, inodesFreeFloor } = fleet.factory;
  try {
    accessSync(stateDir, constants.W_OK);
    const found = statfsSync(stateDir);
    const free = found.bavail * found.bsize;
    return [
      ...(found.files > 0 && found.ffree < inodesFreeFloor
        ? [
            finding(
              'missing inodes',
              `room for ${found.ffree} more files at ${stateDir}, floor ${inodesFreeFloor}: nothing is started`,
              'remove files, or lower inodes_free_floor',
            ),
          ]
        : []),
      free < diskFreeFloorBytes
        ? finding(
            'missing disk',
            `${formatBytes(free)} free at ${stateDir}, floor ${formatBytes(diskFreeFloorBytes)}: nothing is started`,
            'free space, or lower disk_free_floor',
          )
        : ok('disk', `${formatBytes(free)} free at ${stateDir}`),
    ];
  } catch (error) {
    return [finding('limited disk', `state directory ${stateDir}: ${messageOf(error)}`, 'adf start makes it')];
  }
}

/** What stands still now for want of memory and processors, and from where on nothing new is started. */
function pressure(fleet: Fleet): DoctorCheck {
  const { memoryPressurePercent, cpuPressurePercent } = fleet.factory;
  const parts = [
    { name: 'memory', now: pressurePercent('memory'), limit: memoryPressurePercent },
    { name: 'cpu', now: pressurePercent('cpu'), limit: cpuPressurePercent },
  ];
  if (parts.every(({ now }) => now === null)) {
    return finding(
      'limited pressure',
      'this kernel does not tell pressure (/proc/pressure): memory_pressure_percent and cpu_pressure_percent hold nothing',
      'boot with psi=1 (CONFIG_PSI)',
    );
  }
  const words = parts.map(({ name, now, limit }) => {
    const from = limit < 100 ? `starts wait above ${limit}%` : 'never waited for';
    return `${name} ${now === null ? 'not told' : `${now}%`} (${from})`;
  });
  return parts.some(({ now, limit }) => now !== null && now > limit)
    ? finding('limited pressure', `${words.join(' · ')}: nothing is started`, 'adf runs --state running')
    : ok('pressure', words.join(' · '));
}

/** Whether issues can be opened in each repository that agents.toml names; asks and changes nothing. */
async function escalations(
  fleet: Fleet,
  environment: Readonly<Record<string, string>>,
): Promise<readonly DoctorCheck[]> {
  const { gitea, projects } = fleet;
  if (gitea === null) {
    return [ok('issues', 'kept in the ledger, read with adf issues (no [gitea])')];
  }
  const tokenFile = secretPath(gitea.tokenFile, environment);
  const now = (): number => systemClock.now();
  const tracker = new GiteaTracker({ ...gitea, tokenFile, now, timeoutMs: GITEA_TIMEOUT_MS });
  const places = new Map(
    [{ id: null, owner: null, repository: null }, ...projects].map(({ id, owner, repository }) => [
      `${owner ?? gitea.owner}/${repository ?? gitea.repository}`,
      { project: id, owner, repository },
    ]),
  );
  const checks: DoctorCheck[] = [];
  for (const [name, place] of places) {
    const reply = await tracker.check(place);
    if (reply.kind === 'failed') {
      checks.push(
        finding('missing issues', `${gitea.url} ${name}: ${reply.message}`, 'put it right, then: adf doctor'),
      );
      continue;
    }
    const { url, version } = reply.value;
    checks.push(ok('issues', `${url ?? name} (Gitea ${version ?? 'of unknown version'})`));
    checks.push(...reply.warnings.map((warning) => finding('limited issues', `${name}: ${warning}`, null)));
  }
  return checks;
}

/** As PID 1 of a container nobody reaps orphans for us. */
function reaper(): readonly DoctorCheck[] {
  const first = readFileSync('/proc/1/comm', 'utf8').trim();
  return process.pid === 1 || first === 'node'
    ? [
        finding(
          'limited init',
          'PID 1 here is no init: ended orphans stay zombies',
          'start the container with an init (docker run --init)',
        ),
      ]
    : [];
}

async function programs(fleet: Fleet | null): Promise<readonly DoctorCheck[]> {
  const env = readEnvironment();
  const wanted = new Set((fleet?.agents ?? []).map((agent) => agent.cliTool));
  const names = [...new Set([...DRIVERS.map((driver) => driver.name).filter((name) => name !== 'exec'), ...wanted])];
  const clean = Object.fromEntries(
    ['PATH', 'HOME', 'LANG'].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
  const found = await Promise.all(
    names.map(async (name) => {
      const path = findProgram(name, env['PATH']);
      if (path === null) {
        return wanted.has(name)
          ? finding(
              'missing program',
              `${name}: agents.toml needs it, it is not on PATH`,
              `install ${name}, or give its path as cli_tool`,
            )
          : ok('program', `${name}: not installed, not needed`);
      }
      if (driverFor(name).name === 'exec') {
        return ok('program', `${name}: ${path}`);
      }
      const { stdout, failure } = await runProgram({
        argv: [path, '--version'],
        env: clean,
        timeoutMs: VERSION_TIMEOUT_MS,
      });
      return failure === null
        ? ok('program', `${name}: ${stdout.split('\n')[0] ?? ''} (${path})`)
        : finding('limited program', `${name}: ${path} does not tell its version: ${failure}`, `${path} --version`);
    }),
  );
  return [...found, ...[...new Set([...wanted].map(driverFor))].flatMap(knownOf)];
}

/** What is known of an agent CLI that agents.toml needs; nothing of a program. */
function knownOf(driver: AgentDriver): readonly DoctorCheck[] {
  return driver.name === 'exec'
    ? []
    : capabilityLines(driver).map((line) => ok('agent CLI', `${driver.name}: ${line}`));
}
