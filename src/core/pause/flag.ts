// What a pause flag means: which file pauses what, which files are none, and whose a flag is.

import { nearestName } from '../../lib/nearest.ts';
import type { ProjectId } from '../ids.ts';

/** The flag that pauses everything, agents without a project included. Only this name does. */
export const FACTORY_FLAG = '__all__';

/** Bytes of a flag that are read; ours are far shorter. */
export const FLAG_READ_BYTES = 4096;

/** What one look at a flag showed. Existence is the signal: a folder, a link, also a broken one, is there. */
export type FlagStat =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'present';
      readonly path: string;
      /** Modification time in nanoseconds since the epoch, as decimal digits. */
      readonly mtimeNs: string;
      /** The first FLAG_READ_BYTES of a plain file; null: no plain file, or not readable. */
      readonly text: string | null;
    }
  /** Nobody can say, for instance because pause_dir has vanished: counts as paused. */
  | { readonly kind: 'unknown'; readonly message: string };

/** One look per flag name. */
export type LookAtFlag = (name: string) => FlagStat;

/** Whether a flag keeps `project` from being dispatched (P1, P3 to P5). Without a project only the factory's flag counts. */
export function isProjectPaused(project: ProjectId | null, look: LookAtFlag): boolean {
  return look(FACTORY_FLAG).kind !== 'absent' || (project !== null && look(project).kind !== 'absent');
}

/** A flag as the outbox recorded it. */
export interface FlagSignature {
  readonly incident: string;
  readonly path: string;
  /** Decimal digits; a number cannot hold nanoseconds. */
  readonly mtimeNs: string;
}

/** Ours is the file that we recorded, untouched since; everything else, also a later `touch` of ours, is a person's. */
export function isOurs(stat: FlagStat, recorded: FlagSignature): boolean {
  return (
    stat.kind === 'present' &&
    stat.path === recorded.path &&
    stat.mtimeNs === recorded.mtimeNs &&
    incidentOf(stat.text) === recorded.incident
  );
}

/** The incident named in the text of a flag of ours, or null. */
export function incidentOf(text: string | null): string | null {
  return /^incident +(\S+)$/m.exec(text ?? '')?.[1] ?? null;
}

/** `mtimeNs` as epoch ms, for people. */
export function flagSince(mtimeNs: string): number {
  return Math.floor(Number(mtimeNs) / 1_000_000);
}

/** What the names in pause_dir mean. */
export interface FlagNames {
  readonly factory: boolean;
  readonly projects: readonly ProjectId[];
  /** Files that pause nothing. */
  readonly unknown: readonly string[];
}

/** Sorts the names found in pause_dir; a project's id wins over everything that its name may look like. */
export function sortFlagNames(names: readonly string[], projects: readonly ProjectId[]): FlagNames {
  const known = new Set<string>(projects);
  const isKnown = (name: string): name is ProjectId => known.has(name);
  return {
    factory: names.includes(FACTORY_FLAG),
    projects: names.filter(isKnown),
    unknown: names.filter((name) => name !== FACTORY_FLAG && !isKnown(name) && !isIgnoredFlag(name)),
  };
}

/** The flag that `name` was probably meant to be; null: nothing is like it. */
export function nearestFlag(name: string, projects: readonly ProjectId[]): string | null {
  return nearestName(name, [...projects, FACTORY_FLAG]);
}

/** The warning for a file that pauses nothing. */
export function unknownFlagWarning(flag: { readonly name: string; readonly nearest: string | null }): string {
  const hint = flag.nearest === null ? 'no project has that id' : `did you mean "${flag.nearest}"?`;
  return `flag ${JSON.stringify(flag.name)} pauses nothing; ${hint}`;
}

const EDITOR_LEFTOVERS: readonly RegExp[] = [
  /^\./, // dotfiles, our own temporary files, vim's .name.swp, emacs' .#name
  /~$/, // backups of emacs, vim, nano, gedit, kate
  /^#.*#$/, // emacs' auto-save
  /\.(?:bak|orig|rej|tmp|save|sw[a-p])$/i,
  /^4913$/, // vim asks with this file whether it may write in a folder
];

/** Left behind by an editor, or hidden: neither a flag nor worth a warning. */
export function isIgnoredFlag(name: string): boolean {
  return EDITOR_LEFTOVERS.some((pattern) => pattern.test(name));
}
