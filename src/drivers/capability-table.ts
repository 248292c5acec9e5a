// Writes the capability records of the drivers as Markdown: a table of what they can do, and what is known of each.

import type { AgentDriver, Capabilities } from '../ports/agent-driver.ts';

const ROWS: readonly (readonly [title: string, cell: (can: Capabilities) => string])[] = [
  ['measured with', ({ measuredWith }) => measuredWith ?? '–'],
  ['prompt by', ({ prompt }) => prompt],
  ['session id', ({ sessionId }) => SESSION_ID[sessionId]],
  ['resume, fork', ({ resume, fork }) => `${yes(resume)}, ${yes(fork)}`],
  ['tokens told', ({ usage }) => usage],
  ['cost', ({ cost }) => cost],
  ['model', ({ modelFlag }) => flag(modelFlag)],
  ['budget', ({ budgetFlag }) => flag(budgetFlag)],
  ['turns', ({ turnFlag }) => flag(turnFlag)],
];

const SESSION_ID: Readonly<Record<Capabilities['sessionId'], string>> = {
  chosen: 'chosen before the start',
  read: 'read from its stream',
  none: '–',
};

/** The records of `drivers`, for the docs; `doctor` shows the same. */
export function capabilityTable(drivers: readonly AgentDriver[]): string {
  const lines = [
    `| | ${drivers.map(({ name }) => `\`${name}\``).join(' | ')} |`,
    `|---|${drivers.map(() => '---|').join('')}`,
    ...ROWS.map(([title, cell]) => `| ${title} | ${drivers.map((driver) => cell(driver.capabilities)).join(' | ')} |`),
  ];
  return [...lines, '', ...drivers.flatMap(known)].join('\n').trimEnd();
}

/** The record of one driver in words, for `doctor`: what it can do, then what is known of its CLI. */
export function capabilityLines({ capabilities }: AgentDriver): readonly string[] {
  const can = ROWS.map(([title, cell]) => `${title} ${cell(capabilities).replaceAll('`', '')}`).join(' · ');
  return [can, ...notes(capabilities)];
}

function notes(capabilities: Capabilities): readonly string[] {
  return [
    ...capabilities.exitCodes.map(({ code, meaning }) => `exit ${code}: ${meaning}`),
    ...capabilities.knownLies.map((text) => `beware: ${text}`),
    ...capabilities.usageGaps.map(({ text }) => `not counted: ${text}`),
  ];
}

function known({ name, capabilities }: AgentDriver): readonly string[] {
  return [`**${name}**`, '', ...notes(capabilities).map((text) => `- ${text}`), ''];
}

function yes(can: boolean): string {
  return can ? 'yes' : 'no';
}

function flag(name: string | null): string {
  return name === null ? '–' : `\`${name}\``;
}
