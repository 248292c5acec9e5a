// Puts attempts of our own user into bubblewrap, where it works on this machine, and says why where it does not.

import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Sandbox, Sandboxing } from '../core/sandbox/sandbox.ts';
import { bubblewrapArguments } from '../os/bubblewrap.ts';
import type { StartSpec } from '../ports/execution-host.ts';
import { runProgram } from './program.ts';

const PLACES = ['/usr/bin/bwrap', '/usr/local/bin/bwrap'];
const TRY_TIMEOUT_MS = 10_000;
/** What was found holds for this long: a try costs up to 75 ms. */
const FRESH_MS = 60_000;

/** Bubblewrap on one machine. */
export class Bubblewrap {
  readonly #places: readonly string[];
  #asked: { readonly answer: Promise<Sandboxing>; readonly until: number } | null = null;

  constructor(places: readonly string[] = PLACES) {
    this.#places = places;
  }

  /** What can be had here, found out by trying. */
  async sandboxing(): Promise<Sandboxing> {
    const now = performance.now();
    if (this.#asked === null || now >= this.#asked.until) {
      this.#asked = { answer: this.#ask(), until: now + FRESH_MS };
    }
    return this.#asked.answer;
  }

  /** `spec` with its program in its sandbox; one without a sandbox as it is. */
  put(spec: StartSpec): StartSpec {
    const { sandbox, cwd, argv, env } = spec;
    const program = this.#program();
    // Without bubblewrap its usual place stays in the order: a start that fails, never one without the sandbox.
    return sandbox === null
      ? spec
      : { ...spec, argv: [program ?? '/usr/bin/bwrap', ...argumentsOf(sandbox, cwd, env['HOME'] ?? '/'), ...argv] };
  }

  async #ask(): Promise<Sandboxing> {
    const program = this.#program();
    if (program === null) {
      const why = 'bubblewrap is not installed: apt-get install bubblewrap';
      return { standard: why, strict: why, addresses: NO_ADDRESSES };
    }
    const standard = await tryIn(program, true);
    return { standard, strict: standard ?? (await tryIn(program, false)), addresses: NO_ADDRESSES };
  }

  #program(): string | null {
    return this.#places.find((path) => existsSync(path)) ?? null;
  }
}

const NO_ADDRESSES =
  'bubblewrap knows no list of addresses: remove allowed_addresses, or run the factory as root on systemd';

async function tryIn(program: string, network: boolean): Promise<string | null> {
  const nothing = { writable: [], readable: [], hidden: [] };
  const argv = [program, ...bubblewrapArguments({ ...nothing, network }, '/'), '/bin/true'] as const;
  const { failure, code, stderr } = await runProgram({ argv: [...argv], env: {}, timeoutMs: TRY_TIMEOUT_MS });
  const said = failure ?? stderr.trim().split('\n')[0] ?? '';
  return failure === null && code === 0
    ? null
    : `bubblewrap does not work here (${said}): allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)`;
}

function argumentsOf(sandbox: Sandbox, cwd: string, home: string): string[] {
  // The root of everything is no home: it would be writable.
  const homes = home === '/' ? [] : [home];
  const writable = [...homes, ...sandbox.writable].flatMap(found);
  const readable = sandbox.readable.flatMap(found);
  const shown = [...writable, ...readable, ...found(cwd)];
  const folders = coveringFolders(sandbox.hidden).filter((folder) => !shown.some((path) => lies(path, folder)));
  const hidden = sandbox.hidden.flatMap(found).filter((path) => !folders.some((folder) => lies(path, folder)));
  return bubblewrapArguments(
    {
      writable,
      readable,
      hidden: [...folders, ...hidden].map((path) => ({ path, isFolder: isFolder(path) })),
      network: sandbox.addresses === null,
    },
    cwd,
  );
}

/** Of what is `hidden` the files that are so by themselves alone: one put in the place of such a file is seen. */
export function hiddenAlone(hidden: readonly string[]): readonly string[] {
  const folders = [...coveringFolders(hidden), ...hidden.filter(isFolder).flatMap(found)];
  return hidden.filter((path) => !isFolder(path) && !folders.some((folder) => lies(placeOf(path), folder)));
}

/** Where `path` is, or would be. */
function placeOf(path: string): string {
  return found(path)[0] ?? join(found(dirname(path))[0] ?? dirname(path), basename(path));
}

/**
 * Folders that hold nothing but what is `hidden`, or is to come there. A file is hidden by something mounted on it, which the
 * kernel takes away when another file is put in its place; a folder hides what comes into it, too.
 */
function coveringFolders(hidden: readonly string[]): readonly string[] {
  const all = new Set([...hidden, ...hidden.flatMap(found)]);
  const files = [...all].filter((path) => !isFolder(path));
  return [...new Set(files.flatMap((path) => found(dirname(path))))].filter((folder) => holdsOnly(folder, all));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function holdsOnly(folder: string, paths: ReadonlySet<string>): boolean {
  try {
    return readdirSync(folder).every((name) => paths.has(join(folder, name)));
  } catch {
    // Whoever may not list it may not replace anything in it either.
    return false;
  }
}

/** Whether `path` is `folder` or in it. */
function lies(path: string, folder: string): boolean {
  return `${path}/`.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** What `path` leads to; nothing where there is nothing to show or to hide. */
function found(path: string): string[] {
  return existsSync(path) ? [realpathSync(path)] : [];
}
