// A factory whose ledger was damaged: it goes on from its newest copy, but starts nothing before a person has looked.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { WholeFactory } from '../support/whole-factory.ts';

const FLEET = `
[[agents]]
name = "worker"
layer = "Growth"
cli_tool = "sh"
task = "true"
`;

it('pauses everything, says why and what to do, and goes on when the flag is removed', async () => {
  await using factory = await WholeFactory.start(FLEET);
  factory.host.script(() => ({ endsAfterMs: 0 }));
  const ledger = join(factory.dir, '.adf/ledger.db');
  expect((await factory.adf('run', 'worker', '--wait')).code).toBe(0);
  await factory.end();
  writeFileSync(ledger, 'this is no database, and was never meant to be one'.repeat(100));

  await factory.restart();

  const flag = join(factory.dir, '.adf/pause/__all__');
  expect(readFileSync(flag, 'utf8')).toMatch(/the ledger was damaged and is kept as ledger\.db\.corrupt-\d+/);
  const status = await factory.adf('status');
  expect(status.out.split('\n')[0]).toMatch(
    /^! everything is paused by dark-factory: the ledger was damaged.*→ rm .*__all__$/,
  );
  const refused = await factory.adf('run', 'worker');

  expect(refused.code).toBe(1);
  expect(`${refused.out}${refused.err}`).toMatch(/factory\.paused.*the ledger was damaged/s);
  expect(factory.host.starts).toHaveLength(1);
  rmSync(flag);
  expect((await factory.adf('run', 'worker', '--wait')).code).toBe(0);
  expect(new Set(factory.host.starts.map(({ spec }) => spec.attemptId)).size).toBe(2);
  expect(existsSync(ledger)).toBe(true);
});
