// The shape of agents.toml as a whole, and of the fragments that it includes.

import * as z from 'zod';

import type { KeyEntry } from './key.ts';
import { keyEntries, optional } from './key.ts';
import { composite, texts } from './kinds.ts';
import { agentSchema } from './schema/agent.ts';
import { aiSchema } from './schema/ai.ts';
import { alertsSchema, autoRemediateSchema, channelSchema } from './schema/alerts.ts';
import { breakerSchema } from './schema/breaker.ts';
import { budgetSchema } from './schema/budget.ts';
import { priceSchema } from './schema/price.ts';
import { factorySchema } from './schema/factory.ts';
import { giteaSchema } from './schema/gitea.ts';
import { guardrailsSchema } from './schema/guardrails.ts';
import { projectSchema } from './schema/project.ts';
import { secretsSchema } from './schema/secrets.ts';
import { watchdogSchema } from './schema/watchdog.ts';

/** agents.toml. */
export const fileSchema = z.strictObject({
  include: optional(texts('expands'), {
    means: 'Patterns of further files; they may hold [[projects]] and [[agents]].',
    example: '["conf.d/*.toml"]',
  }),
  factory: optional(composite(factorySchema, 'a table [factory]'), {
    means: 'What holds for the whole fleet.',
    example: '{ name = "build1" }',
  }),
  breaker: optional(composite(breakerSchema, 'a table [breaker]'), {
    means: 'When repeated failure pauses a project.',
    example: '{ threshold = 3 }',
  }),
  watchdog: optional(composite(watchdogSchema, 'a table [watchdog]'), {
    means: 'The second look at what should be alive.',
    example: '{ interval = "1m" }',
  }),
  guardrails: optional(composite(guardrailsSchema, 'a table [guardrails]'), {
    means: 'What a changed file may come to without a person raising a limit.',
    example: '{ max_agents = 50 }',
  }),
  gitea: optional(composite(giteaSchema, 'a table [gitea]'), {
    means: 'Where escalations are opened as issues; without it they stay in the ledger.',
    example:
      '{ url = "https://git.example.org", token_file = "/etc/adf/gitea-token", owner = "acme", repository = "factory" }',
  }),
  secrets: optional(composite(secretsSchema, 'a table [secrets]'), {
    means: 'Where the values lie that agents may be given by name.',
    example: '{ files = { NPM_TOKEN = "/etc/adf/npm-token" } }',
  }),
  alerts: optional(composite(alertsSchema, 'a table [alerts]'), {
    means: 'What is watched, and when it is told.',
    example: '{ error_burst = 10 }',
  }),
  channels: optional(composite(z.array(channelSchema), 'a list of tables, each written [[channels]]'), {
    means: 'Who is told of alerts.',
    example: '[{ name = "ops", kind = "tracker" }]',
  }),
  ai: optional(composite(aiSchema, 'a table [ai]'), {
    means: 'A model that explains alerts and answers replies; without it they are told all the same.',
    example: '{ endpoint = "http://127.0.0.1:11434/v1", model = "qwen3:8b" }',
  }),
  auto_remediate: optional(composite(autoRemediateSchema, 'a table [auto_remediate]'), {
    means: 'What of its suggestions may be carried out without a person, by rule; without it nothing.',
    example: '{ agent_down = ["release_agent"] }',
  }),
  budgets: optional(composite(z.array(budgetSchema), 'a list of tables, each written [[budgets]]'), {
    means: 'What an agent, a project, an account or the whole fleet may use in a window.',
    example: '[{ scope = "fleet", window = "day", cents = 2000 }]',
  }),
  prices: optional(composite(z.array(priceSchema), 'a list of tables, each written [[prices]]'), {
    means: 'What models cost, where a CLI tells no price: these come before our own list.',
    example: '[{ model = "qwen3-coder", input = 0.5, output = 1.5 }]',
  }),
  projects: optional(composite(z.array(projectSchema), 'a list of tables, each written [[projects]]'), {
    means: 'A repository, or any folder, that agents work on.',
    example: '[{ id = "web" }]',
  }),
  agents: optional(composite(z.array(agentSchema), 'a list of tables, each written [[agents]]'), {
    means: 'A program or agent CLI with its task, its schedule and its limits.',
    example: '[{ name = "hello", layer = "Growth", cli_tool = "echo" }]',
  }),
});

/** Tables that a fragment may hold. */
export const FRAGMENT_TABLES: readonly string[] = ['projects', 'agents'];

/** Every key of agents.toml, in the order of the schema. */
export const KEYS: readonly KeyEntry[] = keyEntries(fileSchema);

const byPath = new Map(KEYS.map((entry) => [entry.path, entry]));

const children = new Map<string, string[]>();
for (const { path } of KEYS) {
  const cut = path.lastIndexOf('.');
  const home = cut < 0 ? '' : path.slice(0, cut);
  children.set(home, [...(children.get(home) ?? []), path.slice(cut + 1)]);
}

/** The names of the keys directly inside the table at `path` (lists written `[]`, '' is the whole file). */
export function childKeys(path: string): readonly string[] {
  return children.get(path) ?? [];
}

/** The key at `path` (lists written `[]`) or the nearest one above it; null: there is none. */
export function keyAt(path: string): KeyEntry | null {
  let rest = path;
  while (rest !== '') {
    const entry = byPath.get(rest);
    if (entry !== undefined) {
      return entry;
    }
    rest = rest.endsWith('[]') ? rest.slice(0, -2) : rest.slice(0, Math.max(0, rest.lastIndexOf('.')));
  }
  return null;
}
