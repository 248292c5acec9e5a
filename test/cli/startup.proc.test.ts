// What a call of `adf` loads: its start is paid for by everyone who types it, and by each press of Tab.

import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

const SCRIPT = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
const { runCli } = await import('./src/cli/run-cli.ts');
const { createClient } = await import('./src/http/client/client.ts');
const { localCalendar } = await import('./src/cli/render/times.ts');
const { Writable } = await import('node:stream');
const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
const code = await runCli(['status'], {
  local: { socketPath: async () => '/nowhere/adf.sock', whyThere: async () => null }, connect: createClient, stdout: nowhere(), stderr: nowhere(),
  isTerminal: false, columns: 80, noColor: false, user: 'eva', calendar: localCalendar, version: '0.1.0', now: Date.now,
  wait: async () => undefined, newKey: () => 'key', typed: () => undefined, interrupt: new AbortController().signal,
});
console.log(JSON.stringify({ code, loaded, builtins: process.moduleLoadList }));
`;

it('of status loads no other command, no schema, no server and no fetch', () => {
  const text = execFileSync(process.execPath, ['--input-type=module', '-e', SCRIPT], { encoding: 'utf8' });
  const { code, loaded, builtins } = JSON.parse(text) as {
    readonly code: number;
    readonly loaded: readonly string[];
    readonly builtins: readonly string[];
  };
  expect(code).toBe(3);
  expect(loaded.filter((url) => url.includes('/src/cli/commands/')).map((url) => url.split('/').at(-1))).toEqual([
    'status.ts',
  ]);
  expect(loaded.filter((url) => /node_modules\/(?!commander\/)|\/src\/(?:config|daemon|adapters)\//.test(url))).toEqual(
    [],
  );
  expect(builtins.filter((name) => name.includes('undici'))).toEqual([]);
});
