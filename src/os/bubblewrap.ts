// Turns a sandbox into the arguments of bubblewrap: its own view of files, processes and, in strict, of the network.

/** What of the machine a process may reach. Absolute paths, links resolved. */
export interface Cage {
  /** Written, with all below. */
  readonly writable: readonly string[];
  /** Read, although it lies in what is hidden. */
  readonly readable: readonly string[];
  /** Neither seen nor reached. */
  readonly hidden: readonly { readonly path: string; readonly isFolder: boolean }[];
  /** False: it speaks to nobody, not even on this machine. */
  readonly network: boolean;
}

/** Private to each process; links to resolvers lead into the last two, and names must be found. */
const PRIVATE = ['/tmp', '/var/tmp', '/run'];
const KEPT = ['/run/systemd/resolve', '/run/resolvconf'];

/** Names of what holds the process from outside, so that a signal meant for the process spares it. */
export const BUBBLEWRAP = 'bwrap';

/**
 * The arguments before the program's own. Where paths lie in one another the deeper one counts: a workspace in a hidden
 * folder can be reached, a ledger in a workspace cannot. New privileges are never had, whatever is executed.
 */
export function bubblewrapArguments(cage: Cage, cwd: string): string[] {
  const mounts = [
    ...PRIVATE.map((path) => ({ path, words: ['--tmpfs', path] })),
    ...KEPT.map((path) => ({ path, words: ['--ro-bind-try', path, path] })),
    ...cage.hidden.map(({ path, isFolder }) => ({
      path,
      // Not for writing either: whoever looks into it finds nothing, and whoever wrote there would think that it is kept.
      words: isFolder ? ['--perms', '0555', '--tmpfs', path] : ['--ro-bind', '/dev/null', path],
    })),
    ...cage.readable.map((path) => ({ path, words: ['--ro-bind', path, path] })),
    ...cage.writable.map((path) => ({ path, words: ['--bind', path, path] })),
  ];
  const view = mounts.toSorted((a, b) => depth(a.path) - depth(b.path)).flatMap(({ words }) => words);
  const closed = ['--unshare-pid', '--unshare-ipc', '--cap-drop', 'ALL', ...(cage.network ? [] : ['--unshare-net'])];
  return ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', ...view, ...closed, '--chdir', cwd, '--'];
}

function depth(path: string): number {
  return path.split('/').filter((part) => part !== '').length;
}
