// Writes what the kit measured as a table in Markdown: one section for each CLI, and in it which gaps were met.

import type { Capabilities } from '../ports/agent-driver.ts';
import { endingOf, tokensText } from './scenarios.ts';
import type { Measured } from './scenarios.ts';

const HEAD = ['scenario', 'class', 'tokens told', 'tokens served', 'requests', 'list price', 'seconds held'];

/** The section of the CLI whose heading is `heading`. */
export function sectionOf(heading: string, rows: readonly Measured[], record: Pick<Capabilities, 'usageGaps'>): string {
  const body = rows.map(rowOf);
  const widths = HEAD.map((title, column) => Math.max(title.length, ...body.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const gaps = record.usageGaps.map(({ text }) => `- not counted: ${text}`);
  return [`## ${heading}`, '', line(HEAD), rule, ...body.map(line), '', ...gaps].join('\n').trimEnd();
}

function rowOf({ scenario, run, served, requests }: Measured): readonly string[] {
  const cost = run.usage?.costMicroUsd ?? null;
  return [
    scenario,
    endingOf(run),
    tokensText(run.usage ?? null),
    tokensText(served),
    String(requests),
    cost === null ? '–' : `$${(cost / 1_000_000).toFixed(6)}`,
    String(secondsOf(run)),
  ];
}

/** How long the run held its place, in whole seconds. */
export function secondsOf({ startedAt, endedAt }: Measured['run']): number {
  return Math.ceil(((endedAt ?? 0) - (startedAt ?? 0)) / 1000);
}
