// A meter beside a real program, begun by the real start wrapper: the program's own end, its signals, and no meter left over.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { MeterReading } from '../../src/core/metering/meter-reading.ts';
import { METER_ADDRESS } from '../../src/core/metering/order.ts';
import { meterVariables } from '../../src/main/metering.ts';
import { allPids, readEnviron } from '../../src/os/proc.ts';
import { METER_VARIABLE, readProof, wrapperArgs } from '../../src/os/start-wrapper.ts';
import { MockModel } from '../../src/conformance/mock-model/server.ts';

const PATIENCE = { timeout: 20_000, interval: 20 };
const MARK = 'ADF_METER_TEST';
/** Asks its model once, prints what it was given, and then does as it is told. */
const ASK = `
  const [address, how] = process.argv.slice(1);
  const reply = await fetch(process.env.BASE_URL + '/v1/messages', { method: 'POST', body: '{"stream":true}' });
  await reply.text();
  const names = Object.keys(process.env).filter((name) => name.startsWith('ADF_METER') && name !== '${MARK}');
  console.log(JSON.stringify({ same: address === process.env.BASE_URL, names, address }));
  if (how.startsWith('SIG')) process.kill(process.pid, how);
  if (how === 'wait') { process.on('SIGTERM', () => process.exit(5)); console.log('waiting'); setInterval(() => {}, 1e9); }
  else process.exitCode = Number(how);
`;

const model = new MockModel(() => '/nowhere');
let dir = '';
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'adf-meter-'));
  await model.listen();
});
beforeEach(() => rmSync(join(dir, 'counts'), { force: true }));
afterAll(async () => {
  await model.close();
  rmSync(dir, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly said: string;
}

interface Begun {
  readonly ended: Promise<Ended>;
  readonly pid: number;
  readonly said: () => string;
}

/** Starts `argv` as a host does, with a meter. */
function begin(shell: string, argv: readonly string[], over: Readonly<Record<string, string>> = {}): Begun {
  const order = { file: join(dir, 'counts'), upstreams: [model.url('text', 'one')] };
  const env = {
    PATH: '/usr/bin:/bin',
    [MARK]: dir,
    BASE_URL: `${METER_ADDRESS}/0`,
    ODD: `it's "$HOME" \\ ${METER_ADDRESS}`,
    ...meterVariables(order),
    ...over,
  };
  const args = wrapperArgs({ leaf: null, proofPath: join(dir, 'proof'), cpuSeconds: null }, argv);
  const child = spawn(shell, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (part: Buffer) => (said += part.toString()));
  child.stderr.on('data', (part: Buffer) => (said += part.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, said }));
  });
  return { ended, pid: child.pid ?? 0, said: () => said };
}

const asks = (how: string): readonly string[] => [
  process.execPath,
  '--input-type=module',
  '-e',
  ASK,
  `${METER_ADDRESS}/0`,
  how,
];

function reading(): ReturnType<MeterReading['metered']> {
  const reader = new MeterReading();
  const text = readFileSync(join(dir, 'counts'), 'utf8');
  text.split('\n').forEach((line) => reader.push(line));
  return reader.metered();
}

/** Resolves when no process of this test is alive. */
async function nobodyLeft(): Promise<void> {
  const left = (): number[] => allPids().filter((pid) => readEnviron(pid)?.includes(`${MARK}=${dir}`) === true);
  await vi.waitFor(() => expect(left()).toEqual([]), PATIENCE);
}

describe('a program beside a meter', () => {
  it.each([
    ['/bin/dash', '7', 7, null],
    ['/bin/dash', 'SIGKILL', null, 'SIGKILL'],
    ['/bin/dash', 'SIGTERM', null, 'SIGTERM'],
    ['/bin/bash', '0', 0, null],
  ])('begun by %s and told %s ends as it would without, counted, and the meter with it', async (...row) => {
    const [shell, how, code, signal] = row;
    const end = await begin(shell, asks(how)).ended;
    expect([end.code, end.signal]).toEqual([code, signal]);
    expect(JSON.parse(end.said)).toMatchObject({ same: true, names: [] });
    expect(end.said).toMatch(/127\.0\.0\.1/);
    const { output } = model.requests.at(-1)?.tokens ?? {};
    expect(reading()).toMatchObject({ requests: 1, uncounted: 0, usage: { output } });
    await nobodyLeft();
  });
});

describe('a meter', () => {
  it('does not end by what is meant for its program, and does by the end of it', async () => {
    const { pid, ended, said } = begin('/bin/sh', asks('wait'));
    await vi.waitFor(() => expect(said()).toContain('waiting'), PATIENCE);
    process.kill(-pid, 'SIGTERM');
    expect(await ended).toMatchObject({ code: 5, signal: null });
    await nobodyLeft();
  });

  it('changes nothing in arguments and variables but the address', async () => {
    const odd = ["it's", '"$HOME"', '', 'a\nb', '`id`', '\\'];
    const { said } = await begin('/bin/sh', ['/bin/sh', '-c', 'printf "%s|" "$@" "$ODD"', 'x', ...odd]).ended;
    const [address = ''] = /http:[^|]*/.exec(said) ?? [];
    expect(said).toBe([...odd, `it's "$HOME" \\ ${address}`, ''].join('|'));
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{12}$/);
    await nobodyLeft();
  });

  it('goes through the proxy of a network in the place of its program, which reaches the meter without one', async () => {
    const over = { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: 'own.net' };
    const { said } = await begin('/bin/sh', ['/bin/sh', '-c', 'echo "$NO_PROXY $no_proxy"'], over).ended;
    expect(said.trim()).toBe('own.net,127.0.0.1 own.net,127.0.0.1');
    await nobodyLeft();
  });

  it.each([
    ['that ends at once', { [METER_VARIABLE]: '/bin/false' }],
    ['that is not there', { [METER_VARIABLE]: '/nowhere/node' }],
    ['without an order', { ADF_METER_ORDER: '{}' }],
  ])('%s keeps its program from beginning, and that is proved', async (_, over) => {
    const { code } = await begin('/bin/sh', ['/bin/sh', '-c', `touch ${dir}/ran`], over).ended;
    expect(code).toBe(126);
    expect(readProof(join(dir, 'proof'))).toMatchObject({ cause: 'host' });
    expect(existsSync(join(dir, 'ran'))).toBe(false);
    await nobodyLeft();
  });
});
