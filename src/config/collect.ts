// Sorts what the files say into the tables of a fleet, each checked by itself; how they fit together is asked afterwards.

import type * as z from 'zod';

import type { KeyPath } from './problem.ts';
import type { AgentInput } from './schema/agent.ts';
import { agentSchema } from './schema/agent.ts';
import type { AiInput } from './schema/ai.ts';
import { aiSchema } from './schema/ai.ts';
import type { AlertsInput, AutoRemediateInput, ChannelInput } from './schema/alerts.ts';
import { alertsSchema, autoRemediateSchema, channelSchema } from './schema/alerts.ts';
import type { BreakerInput } from './schema/breaker.ts';
import { breakerSchema } from './schema/breaker.ts';
import type { BudgetInput } from './schema/budget.ts';
import type { PriceInput } from './schema/price.ts';
import { budgetSchema } from './schema/budget.ts';
import { priceSchema } from './schema/price.ts';
import type { FactoryInput } from './schema/factory.ts';
import { factorySchema } from './schema/factory.ts';
import type { GiteaInput } from './schema/gitea.ts';
import { giteaSchema } from './schema/gitea.ts';
import type { GuardrailsInput } from './schema/guardrails.ts';
import { guardrailsSchema } from './schema/guardrails.ts';
import type { ProjectInput } from './schema/project.ts';
import { projectSchema } from './schema/project.ts';
import type { SecretsInput } from './schema/secrets.ts';
import { secretsSchema } from './schema/secrets.ts';
import type { WatchdogInput } from './schema/watchdog.ts';
import { watchdogSchema } from './schema/watchdog.ts';
import { childKeys, FRAGMENT_TABLES, keyAt } from './schema.ts';
import type { Source } from './source.ts';
import { reportUnknownKey, checkTable } from './validate.ts';

/** One table of a file; `values` holds what passed its own checks (everything, when no error was reported). */
export interface Entry<Values> {
  readonly source: Source;
  readonly path: KeyPath;
  readonly values: Partial<Values>;
}

/** All tables of one configuration. */
export interface Entries {
  readonly factory: Entry<FactoryInput>;
  readonly breaker: Entry<BreakerInput>;
  readonly watchdog: Entry<WatchdogInput>;
  readonly guardrails: Entry<GuardrailsInput>;
  readonly gitea: Entry<GiteaInput> | null;
  readonly secrets: Entry<SecretsInput>;
  readonly alerts: Entry<AlertsInput>;
  readonly channels: readonly Entry<ChannelInput>[];
  readonly ai: Entry<AiInput> | null;
  readonly autoRemediate: Entry<AutoRemediateInput>;
  readonly budgets: readonly Entry<BudgetInput>[];
  readonly prices: readonly Entry<PriceInput>[];
  readonly projects: readonly Entry<ProjectInput>[];
  readonly agents: readonly Entry<AgentInput>[];
}

/** The tables of `sources`, agents.toml first; problems are reported on the sources. */
export function collectEntries(sources: readonly [Source, ...Source[]]): Entries {
  const [main, ...fragments] = sources;
  checkTopLevel(main);
  for (const fragment of fragments) {
    checkFragment(fragment, main);
  }
  return {
    factory: single(main, 'factory', factorySchema),
    breaker: single(main, 'breaker', breakerSchema),
    watchdog: single(main, 'watchdog', watchdogSchema),
    guardrails: single(main, 'guardrails', guardrailsSchema),
    gitea: main.has(['gitea']) ? single(main, 'gitea', giteaSchema) : null,
    secrets: single(main, 'secrets', secretsSchema),
    alerts: single(main, 'alerts', alertsSchema),
    channels: list(main, 'channels', channelSchema),
    ai: main.has(['ai']) ? single(main, 'ai', aiSchema) : null,
    autoRemediate: single(main, 'auto_remediate', autoRemediateSchema),
    budgets: list(main, 'budgets', budgetSchema),
    prices: list(main, 'prices', priceSchema),
    projects: sources.flatMap((source) => list(source, 'projects', projectSchema)),
    agents: sources.flatMap((source) => list(source, 'agents', agentSchema)),
  };
}

function checkTopLevel(main: Source): void {
  const known = childKeys('');
  for (const key of Object.keys(main.root)) {
    if (!known.includes(key)) {
      reportUnknownKey(main, [key]);
    }
  }
  const include = main.root['include'];
  const isList = Array.isArray(include) && include.every((item) => typeof item === 'string' && item !== '');
  if (include !== undefined && !isList && !main.isBad(['include'])) {
    main.error(['include'], `${main.show(['include'])}: must be ${keyAt('include')?.allowed ?? ''}`);
  }
}

function checkFragment(fragment: Source, main: Source): void {
  for (const key of Object.keys(fragment.root)) {
    if (FRAGMENT_TABLES.includes(key)) {
      continue;
    }
    if (childKeys('').includes(key)) {
      fragment.error(
        [key],
        `an included file may hold [[projects]] and [[agents]] only; move this to ${main.file}`,
        'key',
      );
    } else {
      reportUnknownKey(fragment, [key]);
    }
  }
}

function single<Shape extends z.ZodRawShape>(
  source: Source,
  name: string,
  schema: z.ZodObject<Shape, z.core.$strict>,
): Entry<z.output<z.ZodObject<Shape, z.core.$strict>>> {
  const path = [name];
  return { source, path, values: checkTable(schema, source.root[name] ?? {}, { source, path }) };
}

function list<Shape extends z.ZodRawShape>(
  source: Source,
  name: string,
  schema: z.ZodObject<Shape, z.core.$strict>,
): Entry<z.output<z.ZodObject<Shape, z.core.$strict>>>[] {
  const tables = source.root[name] ?? [];
  if (!Array.isArray(tables)) {
    source.error([name], `${source.show([name])}: must be ${keyAt(name)?.allowed ?? ''}`, 'key');
    return [];
  }
  return tables.map((table, index) => {
    const path = [name, index];
    return { source, path, values: checkTable(schema, table, { source, path }) };
  });
}
