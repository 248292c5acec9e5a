// A Gitea that takes connections and never answers delays nothing: no flag, no other project, no end of the daemon.

import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { agentToml } from '../support/crew.ts';
import { DaemonProcess } from '../support/daemon-process.ts';
import { waitFor } from '../support/keeper-rig.ts';

let daemon: DaemonProcess;
let server: Server;
const held = new Set<Socket>();

beforeEach(async () => {
  server = createServer((socket) => held.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await daemon.dispose();
  held.forEach((socket) => socket.destroy());
  server.close();
});

const toml = (dir: string, port: number): string => `
[gitea]
url = "http://127.0.0.1:${port}"
token_file = "${dir}/token"
owner = "acme"
repository = "factory"

[[projects]]
id = "sandbox"
working_dir = "${dir}"
${agentToml('asks', 'true')}
pre_check = { kind = "gitea-issue", issue_number = 1 }
`;

it('ends within 5 s of a SIGTERM while a reaction and a pre-check wait for its answer', async () => {
  daemon = new DaemonProcess('');
  writeFileSync(daemon.rig.path('token'), 'token', { mode: 0o600 });
  daemon.configure(toml(daemon.rig.dir, (server.address() as AddressInfo).port));
  await daemon.start();
  await daemon.client.run('asks', { key: 'asks' });
  await daemon.client.breaker('sandbox', 'trip', { by: 'eva', reason: 'try' });
  await waitFor(() => held.size >= 2 && existsSync(daemon.rig.path('pause/sandbox')));
  const end = await daemon.end('SIGTERM');
  expect(end).toMatchObject({ code: 0, signal: null });
  expect(end.tookMs).toBeLessThan(5000);
});
