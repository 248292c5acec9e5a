// Keeps docs/agent-clis.md: one section for each CLI, replaced by its next run.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { CliName } from '../../src/conformance/expectations.ts';
import type { Measured } from '../../src/conformance/scenarios.ts';
import { sectionOf } from '../../src/conformance/table.ts';
import type { Capabilities } from '../../src/ports/agent-driver.ts';

const DOC = fileURLToPath(new URL('../../docs/agent-clis.md', import.meta.url));
const HEAD = `# What the agent CLIs did

Written by \`npm run test:agents\`: a real factory ran each CLI, in the version named, against a model on loopback that counts its tokens.
Tokens are input / cache read / cache write / output / reasoning; – is a figure that the CLI does not give, and unknown is not zero.
`;

/** Replaces the section of `cli`. */
export function writeSection(section: {
  readonly cli: CliName;
  readonly heading: string;
  readonly rows: readonly Measured[];
  readonly capabilities: Pick<Capabilities, 'usageGaps'>;
}): void {
  const old = existsSync(DOC) ? readFileSync(DOC, 'utf8') : '';
  const sections = new Map(
    old
      .split(/^(?=## )/m)
      .slice(1)
      .map((text) => [/^## (\S+)/.exec(text)?.[1] ?? '', text.trimEnd()]),
  );
  sections.set(section.cli, sectionOf(section.heading, section.rows, section.capabilities));
  const inOrder = [...sections].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  mkdirSync(dirname(DOC), { recursive: true });
  writeFileSync(DOC, `${[HEAD.trimEnd(), ...inOrder].join('\n\n')}\n`);
}
