// Finds the files of personas and skills in the folders that agents.toml names.

import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Entries } from './collect.ts';

/** Where personas and skills are; null: nowhere. Absolute. */
export interface TextFolders {
  readonly personas: string | null;
  readonly skills: string | null;
}

/** A name without a path in it: what it names lies in its folder and nowhere else. */
const PLAIN = /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u;

/** The folders of `entries`. */
export function textFolders({ factory: { source, values } }: Pick<Entries, 'factory'>): TextFolders {
  const folder = (path: string | undefined): string | null =>
    path === undefined ? null : resolve(source.folder, path);
  return { personas: folder(values.persona_dir), skills: folder(values.skill_dir) };
}

/** The file of a persona; null: there is none, or no folder of them. */
export function personaFile({ personas }: TextFolders, name: string): string | null {
  return firstOf(personas, name, [`${name}.md`]);
}

/** The file of a skill; null: there is none, or no folder of them. */
export function skillFile({ skills }: TextFolders, name: string): string | null {
  return firstOf(skills, name, [join(name, 'SKILL.md'), `${name}.md`]);
}

function firstOf(folder: string | null, name: string, candidates: readonly string[]): string | null {
  if (folder === null || !PLAIN.test(name)) {
    return null;
  }
  const paths = candidates.map((candidate) => join(folder, candidate));
  return paths.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true) ?? null;
}
