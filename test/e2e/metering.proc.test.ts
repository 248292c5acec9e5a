// A metered run on real processes: the daemon dies in the middle of it, and neither the run nor its count takes notice.

import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { MockModel } from '../../src/conformance/mock-model/server.ts';
import { sumOf } from '../../src/conformance/mock-model/tokens.ts';
import { DaemonProcess } from '../support/daemon-process.ts';

/** Asks its model, waits for a file, asks again, and tells of no tokens at all. */
const CLI = `
import { existsSync } from 'node:fs';
const ask = async () => {
  const reply = await fetch(process.env.ANTHROPIC_BASE_URL + '/v1/messages', { method: 'POST', body: '{"stream":true}' });
  await reply.text();
};
await ask();
while (!existsSync(process.env.GO)) await new Promise((resolve) => setTimeout(resolve, 20));
await ask();
const said = { type: 'result', subtype: 'success', is_error: false, result: 'done', session_id: 's', usage: {} };
console.log(JSON.stringify(said));
`;
const PATIENCE = { timeout: 30_000, interval: 20 };

const factory = new DaemonProcess('');
const model = new MockModel(() => factory.rig.dir);
beforeAll(async () => {
  await model.listen();
  writeFileSync(factory.rig.path('cli.mjs'), CLI);
  const script = `#!/bin/sh\nexec '${process.execPath}' '${factory.rig.path('cli.mjs')}'\n`;
  writeFileSync(factory.rig.path('claude'), script, { mode: 0o755 });
  const env = { ANTHROPIC_BASE_URL: model.url('text', 'one'), GO: factory.rig.path('go') };
  const table = Object.entries(env).map(([name, value]) => `${name} = "${value}"`);
  const program = `cli_tool = "${factory.rig.path('claude')}"\nworking_dir = "${factory.rig.dir}"\ntask = "Work."`;
  factory.configure(
    `[[agents]]\nname = "one"\nlayer = "Growth"\n${program}\nmetering = true\nenv = { ${table.join(', ')} }\n`,
  );
  await factory.start();
});
afterAll(async () => {
  await factory.dispose();
  await model.close();
});

it('goes on while no daemon is there, and is counted to the token', { timeout: 120_000 }, async () => {
  const { run } = await factory.client.run('one', { key: 'once' });
  await vi.waitFor(() => expect(model.requests).toHaveLength(1), PATIENCE);
  await factory.kill();
  writeFileSync(factory.rig.path('go'), '');
  await vi.waitFor(() => expect(model.requests).toHaveLength(2), PATIENCE);
  await factory.start();
  const ended = await factory.until(async () => {
    const detail = await factory.client.show(run.id);
    return detail.run.state === 'ended' ? detail.run : null;
  });
  const served = sumOf(model.requests.flatMap(({ tokens }) => (tokens === null ? [] : [tokens])));
  expect(ended.outcome).toEqual({ kind: 'succeeded' });
  expect(ended.usage).toMatchObject({ ...served, reasoning: null, metered: 2 });
  expect(ended.usage).not.toHaveProperty('partial');
  expect(factory.rig.agents()).toEqual([]);
});
