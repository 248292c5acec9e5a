// Turns a sandbox into properties of a unit of the machine's manager; its user is another one than ours already.

import type { Sandbox, Sandboxing } from '../../core/sandbox/sandbox.ts';

/** The machine's manager holds every sandbox; lists of addresses where the kernel does. */
export const HELD_BY_UNITS: Sandboxing = { standard: null, strict: null, addresses: null };

/** Places that PrivateTmp replaces: what is to be written there is bound into the new ones. */
const PRIVATE = ['/tmp', '/var/tmp'];

/** Whoever has a sandbox has these. Not RestrictSUIDSGID: git could not work where a group shares a repository (setgid folders). */
const ALWAYS = [
  'NoNewPrivileges=yes',
  'CapabilityBoundingSet=',
  'ProtectSystem=strict',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'PrivateIPC=yes',
  // Projects may share a user: only another user namespace closes `/proc/PID/root`, `environ` and `fd` of a neighbour to them.
  'PrivateUsers=yes',
  'ProtectProc=ptraceable',
  'ProtectClock=yes',
  'ProtectControlGroups=yes',
  'ProtectHostname=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'LockPersonality=yes',
  'RestrictRealtime=yes',
  // With the devices of its own comes the machine's shared memory. No size in percent: systemd 252 doubles that sign in its copy of
  // the unit, and after a reload cannot run what records the end (tried). What is put there counts as memory of the attempt.
  'TemporaryFileSystem=/dev/shm:mode=1777',
];

/**
 * The properties for an attempt whose user lives in `home`. A path that is not there is passed over (`-`), as everywhere.
 * `records` is where the manager writes down start and end: what runs with its rights (`+`) is spared what is protected or
 * inaccessible, but gets empty folders and bound ones all the same (tried with systemd 252).
 */
export function sandboxProperties(
  sandbox: Sandbox,
  { home, records }: { readonly home: string; readonly records: string },
): string[] {
  // The root of everything is no home: it would be writable.
  const writable = [...new Set([...(home === '/' ? [] : [home]), ...sandbox.writable])];
  const { readable } = sandbox;
  // Nothing can be seen in a folder that is inaccessible; an empty one in its place can hold what is to be seen.
  const isAround = (path: string): boolean => [...writable, ...readable].some((inner) => lies(inner, path));
  // The home of a user may be where another project works.
  const hidden = sandbox.hidden.filter((path) => !writable.includes(path));
  const emptied = hidden.filter(isAround);
  const isBound = (path: string): boolean => [...PRIVATE, ...emptied].some((outer) => lies(path, outer));
  return [
    ...ALWAYS,
    ...list(
      'InaccessiblePaths',
      hidden.filter((path) => !isAround(path)).map((path) => `-${path}`),
    ),
    ...list(
      'TemporaryFileSystem',
      emptied.map((path) => `${path}:ro`),
    ),
    ...list(
      'ReadWritePaths',
      writable.filter((path) => !isBound(path)).map((path) => `-${path}`),
    ),
    ...list(
      'BindPaths',
      [...writable.filter(isBound), ...(emptied.some((outer) => lies(records, outer)) ? [records] : [])].map(
        (path) => `-${path}`,
      ),
    ),
    ...list(
      'BindReadOnlyPaths',
      readable.filter(isBound).map((path) => `-${path}`),
    ),
    ...networkProperties(sandbox.addresses),
  ];
}

function networkProperties(addresses: Sandbox['addresses']): string[] {
  if (addresses === null) {
    return [];
  }
  return addresses.length === 0
    ? ['PrivateNetwork=yes']
    : ['IPAddressDeny=any', `IPAddressAllow=${addresses.join(' ')}`];
}

/** Whether `inner` is inside `outer`, and not the same. */
function lies(inner: string, outer: string): boolean {
  return inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`) && inner !== outer;
}

/** One property with several paths; each in quotes, because paths hold blanks, and `:` separates parts of one. */
function list(name: string, paths: readonly string[]): string[] {
  return paths.length === 0 ? [] : [`${name}=${paths.map(quoted).join(' ')}`];
}

function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
