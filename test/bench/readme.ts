// Puts the figures of a measurement into README, between their marks.

import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

const README = join(import.meta.dirname, '../../README.md');
const BLOCK = /(?<=<!-- bench -->\n)[^]*?(?=<!-- end of bench -->)/;

/** Replaces what stands between `<!-- bench -->` and `<!-- end of bench -->` by `lines` and the machine they were measured on. */
export function writeFigures(lines: readonly string[], at: Date): void {
  const text = readFileSync(README, 'utf8');
  if (!BLOCK.test(text)) {
    throw new Error('README.md has no <!-- bench --> block');
  }
  const day = at.toISOString().slice(0, 10);
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = `${Math.round(totalmem() / 1024 ** 3)} GiB`;
  const machine = `Measured ${day} on ${availableParallelism()} cores (${model}), ${memory}, Linux ${release().split('-')[0]}, Node ${process.versions.node}:`;
  writeFileSync(
    README,
    text.replace(BLOCK, () => `\n${machine}\n\n\`\`\`\n${lines.join('\n')}\n\`\`\`\n\n`),
  );
}
