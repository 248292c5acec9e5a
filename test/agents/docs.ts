// Keeps docs/agent-clis.md: one section for each CLI, replaced by its next run. Files that run at once each leave theirs, one writer joins them.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { CliName } from '../../src/conformance/expectations.ts';
import type { Measured } from '../../src/conformance/scenarios.ts';
import { sectionOf } from '../../src/conformance/table.ts';
import type { Capabilities } from '../../src/ports/agent-driver.ts';

const DOC = fileURLToPath(new URL('../../docs/agent-clis.md', import.meta.url));
const SECTIONS = fileURLToPath(new URL('../../node_modules/.cache/agents/sections', import.meta.url));
const HEAD = `# What the agent CLIs did

Written by \`npm run test:agents\`: a real factory ran each CLI, in the version named, against a model on loopback that counts its tokens.
Tokens are input / cache read / cache write / output / reasoning; – is a figure that the CLI does not give, and unknown is not zero.
`;

/** Leaves the section of \`cli\` for the end of all files. */
export function leaveSection(section: {
  readonly cli: CliName;
  readonly heading: string;
  readonly rows: readonly Measured[];
  readonly capabilities: Pick<Capabilities, 'usageGaps'>;
}): void {
  mkdirSync(SECTIONS, { recursive: true });
  writeFileSync(join(SECTIONS, section.cli), sectionOf(section.heading, section.rows, section.capabilities));
}

/** Before the first file: nothing of an earlier run counts. */
export function setup(): void {
  rmSync(SECTIONS, { recursive: true, force: true });
}

/** After the last one. */
export function teardown(): void {
  const fresh = existsSync(SECTIONS) ? readdirSync(SECTIONS) : [];
  const old = existsSync(DOC) ? readFileSync(DOC, 'utf8') : '';
  const sections = new Map(
    old
      .split(/^(?=## )/m)
      .slice(1)
      .map((text) => [/^## (\S+)/.exec(text)?.[1] ?? '', text.trimEnd()]),
  );
  for (const cli of fresh) {
    sections.set(cli, readFileSync(join(SECTIONS, cli), 'utf8'));
  }
  const inOrder = [...sections].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  writeFileSync(DOC, `${[HEAD.trimEnd(), ...inOrder].join('\n\n')}\n`);
}
