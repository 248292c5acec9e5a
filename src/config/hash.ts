// Names a configuration by its content, so that every fact can say which one was in force.

import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

import type { AgentDefinition, Fleet } from '../core/fleet.ts';
import { canonical } from '../core/reconcile/canonical.ts';
import type { Digest } from '../core/reconcile/canonical.ts';

/** SHA-256 in hex. */
export const sha256: Digest = (text) => createHash('sha256').update(text).digest('hex');

/** More is no task, and the start of it fails. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** The hash of what the file at `path` holds; null: it cannot be read, or is no plain file. */
export function hashFile(path: string): string | null {
  try {
    const stat = statSync(path);
    return stat.isFile() && stat.size <= MAX_FILE_BYTES ? sha256(readFileSync(path, 'utf8')) : null;
  } catch {
    return null;
  }
}

/** The hash of a fleet: every field of it, in whatever order agents.toml names tables, projects and agents. */
export function hashFleet(content: Omit<Fleet, 'hash'>): string {
  const agents = content.agents.map(withoutFields).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const projects = content.projects.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return sha256(canonical({ ...content, agents, projects }));
}

/** A schedule's text says all that its fields say, in a hundredth of the bytes. */
function withoutFields(agent: AgentDefinition): { readonly key: string } {
  return { ...agent, schedule: agent.schedule?.text ?? null } as { readonly key: string };
}
