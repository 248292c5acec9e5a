// Finds out which fields of the Fleet each key of agents.toml fills, by setting the key and looking what changed.

import { join } from 'node:path';
import { exampleValue } from '../../src/config/example.ts';
import { KEYS } from '../../src/config/schema.ts';
import type { TomlTable, TomlValue } from '../../src/config/toml.ts';
import type { Fleet } from '../../src/core/fleet.ts';
import { fleetOf } from './load-config.ts';

/** Texts about characters, and other ones of the same name in a folder in it. */
const CHARACTER = join(import.meta.dirname, '../fixtures/character');

/** Values for keys whose example does not fit the small fleet below. */
const VALUES: Readonly<Record<string, TomlValue>> = {
  'factory.persona_dir': CHARACTER,
  'factory.skill_dir': CHARACTER,
  'agents[].persona': 'stern',
  'agents[].skill_chain': ['stern'],
  'projects[].id': 'other',
  'channels[].name': 'other',
  'channels[].kind': 'slack',
  'agents[].layer': 'Growth',
  'agents[].cli_tool': 'other',
  'agents[].task_file': '/dev/null',
  'agents[].max_memory_bytes': '1GiB',
  'prices[].model': 'other',
  'budgets[].scope': 'project',
  'budgets[].name': 'other',
  'secrets.files': { NPM_TOKEN: '/other' },
};

/** What must stand around a key so that it means something. */
const SURROUNDINGS: Readonly<Record<string, TomlTable>> = {
  'agents[].retry': { max: 1 },
  'agents[].session': {},
  'agents[].misfire': {},
  'agents[].placement': { node: 'base' },
  'agents[].pre_check': { kind: 'shell', script: 'base' },
  'agents[].pre_check.issue_number': { kind: 'gitea-issue', issue_number: 7 },
  'agents[].pre_check.watch_paths': { kind: 'git-diff', watch_paths: ['base'] },
  'breaker.same_class': { count: 2 },
  'projects[].breaker.same_class': { count: 2 },
};

function base(): TomlTable {
  return {
    factory: { persona_dir: join(CHARACTER, 'other'), skill_dir: join(CHARACTER, 'other') },
    breaker: {},
    watchdog: {},
    guardrails: {},
    secrets: { files: { NPM_TOKEN: '/base' } },
    alerts: {},
    channels: [
      { name: 'base', kind: 'webhook', url: 'https://base', url_file: '/base', secret_file: '/base' },
      { name: 'ops', kind: 'tracker' },
    ],
    ai: { endpoint: 'https://base', model: 'base' },
    auto_remediate: {},
    gitea: { url: 'https://base', token_file: '/base', owner: 'base', repository: 'base' },
    prices: [{ model: 'base', input: 1, output: 1 }],
    budgets: [{ scope: 'provider', name: 'base', window: 'month', cents: 1 }],
    projects: [{ id: 'base', breaker: {} }, { id: 'web' }],
    agents: [
      { name: 'base', layer: 'Core', cli_tool: 'base', events: ['base'], persona: 'calm', skill_chain: ['calm'] },
    ],
  };
}

/** Keys that stand alone: tables are what their keys are, and `include` is other files. */
export const LEAF_KEYS: readonly string[] = KEYS.map(({ path }) => path).filter(
  (path) =>
    path !== 'include' &&
    !KEYS.some((other) => other.path.startsWith(`${path}.`) || other.path.startsWith(`${path}[].`)),
);

/** The paths in the Fleet (lists written `[]`) that change when `key` is set. */
export function fieldsOf(key: string): readonly string[] {
  const parts = key.split('.');
  const parent = parts.slice(0, -1).join('.');
  const file = base();
  if (key.startsWith('projects[].') && key !== 'projects[].id') {
    // What a project says may reach the fleet through its agents alone.
    set(file, 'agents[].project', 'base');
  }
  if (key === 'agents[].workspace_base') {
    set(file, 'agents[].workspace', 'worktree');
  }
  if (key === 'agents[].metering') {
    set(file, 'agents[].cli_tool', 'claude');
    set(file, 'agents[].task', 'base');
  }
  const around = SURROUNDINGS[key] ?? SURROUNDINGS[parent];
  if (around !== undefined) {
    set(file, parent, structuredClone(around));
  }
  const before = leaves(fleetOf(toToml(file)));
  const example = KEYS.find(({ path }) => path === key)?.example ?? '';
  if (key === 'agents[].pre_check.kind') {
    // Another kind needs other keys beside it.
    set(file, parent, { kind: 'git-diff', watch_paths: ['base'] });
  } else {
    set(file, key, VALUES[key] ?? exampleValue(example));
  }
  const after = leaves(fleetOf(toToml(file)));
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
  return [...new Set(paths.map((path) => path.replaceAll(/\[\d+\]/g, '[]')))].filter((path) => path !== 'hash');
}

function set(file: TomlTable, path: string, value: TomlValue): void {
  const parts = path.split('.');
  let table: TomlTable = file;
  for (const part of parts.slice(0, -1)) {
    const inner = table[part.replace('[]', '')] ?? null;
    table = (Array.isArray(inner) ? inner[0] : inner) as TomlTable;
  }
  table[parts.at(-1) ?? ''] = value;
}

/** Every value of `fleet` by its path. */
export function leaves(fleet: Fleet): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const walk = (value: unknown, path: string): void => {
    found.set(path, typeof value === 'object' && value !== null ? typeof value : JSON.stringify(value));
    if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        walk(inner, Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`);
      }
    }
  };
  walk(fleet, '');
  return found;
}

/** `table` as TOML, with nested tables written inline. */
function toToml(table: TomlTable): string {
  return Object.entries(table)
    .map(([key, value]) => `${key} = ${inline(value)}`)
    .join('\n');
}

function inline(value: TomlValue): string {
  if (Array.isArray(value)) {
    return `[${value.map(inline).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, inner]) => `${key} = ${inline(inner)}`);
    return `{ ${pairs.join(', ')} }`;
  }
  return JSON.stringify(value);
}
