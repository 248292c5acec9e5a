// Writes what the kit measured as a table of the docs: one section for each CLI, replaced by its next run.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { RunView } from '../../src/ports/control.ts';
import type { CliName } from './install.ts';
import type { Tokens } from './mock-model/tokens.ts';

const DOC = fileURLToPath(new URL('../../docs/agent-clis.md', import.meta.url));
const HEAD = `# What the agent CLIs did

Written by \`npm run test:agents\`: a real factory ran each CLI, in the version named, against a model on loopback that counts its tokens.
Tokens are input / cache read / cache write / output / reasoning; – is a figure that the CLI does not give, and unknown is not zero.
`;

/** One row. */
export interface Measured {
  readonly scenario: string;
  readonly run: RunView;
  readonly served: Tokens;
  readonly requests: number;
}

/** Replaces the section of \`cli\`. */
export function writeSection(cli: CliName, version: string, rows: readonly Measured[]): void {
  const old = existsSync(DOC) ? readFileSync(DOC, 'utf8') : '';
  const sections = new Map(
    old
      .split(/^(?=## )/m)
      .slice(1)
      .map((text) => [/^## (\S+)/.exec(text)?.[1] ?? '', text.trimEnd()]),
  );
  sections.set(cli, sectionOf(cli, version, rows));
  const inOrder = [...sections].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  mkdirSync(dirname(DOC), { recursive: true });
  writeFileSync(DOC, `${[HEAD.trimEnd(), ...inOrder].join('\n\n')}\n`);
}

function sectionOf(cli: CliName, version: string, rows: readonly Measured[]): string {
  const cells = [
    ['scenario', 'class', 'tokens told', 'tokens served', 'requests', 'list price', 'seconds held'],
    ...rows.map(({ scenario, run, served, requests }) => [
      scenario,
      run.outcome?.class ?? run.outcome?.kind ?? '–',
      run.usage === undefined ? '–' : tokens(run.usage),
      tokens(served),
      String(requests),
      run.usage?.costMicroUsd === undefined || run.usage.costMicroUsd === null
        ? '–'
        : `$${(run.usage.costMicroUsd / 1_000_000).toFixed(6)}`,
      String(Math.ceil(((run.endedAt ?? 0) - (run.startedAt ?? 0)) / 1000)),
    ]),
  ];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [`## ${cli} ${version}`, '', line(head), rule, ...body.map(line)].join('\n');
}

function tokens(of: { readonly [Kind in keyof Tokens]: number | null }): string {
  return [of.input, of.cacheRead, of.cacheWrite, of.output, of.reasoning].map((count) => count ?? '–').join(' / ');
}
