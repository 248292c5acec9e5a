// Writes what the start wrapper carries out before it becomes the agent CLI: words of a shell that put the meter's address in.

import { ORDER_VARIABLE } from '../core/metering/order.ts';
import { METER_VARIABLE, shellWord } from '../os/start-wrapper.ts';

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
const NO_PROXY = ['NO_PROXY', 'no_proxy'] as const;

/** What a CLI is started with. */
export interface Start {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The words for `start`, in whose arguments and variables `addressed` puts the address in. */
export function startWords(start: Start, addressed: (text: string) => string): string {
  const changed = Object.entries(start.env).flatMap(([name, value = '']) => {
    const now = addressed(value);
    return now === value || name === METER_VARIABLE || name === ORDER_VARIABLE ? [] : [{ name, value: now }];
  });
  const exports = [...changed, ...pastProxies(start.env)].map(
    ({ name, value }) => `export ${name}=${shellWord(value)}`,
  );
  const words = start.argv.map((word) => shellWord(addressed(word)));
  return [`unset ${METER_VARIABLE} ${ORDER_VARIABLE}`, ...exports, `set -- ${words.join(' ')}`].join('\n');
}

/** A CLI that reaches its model through a proxy of the network reaches us without it; we go through it in its place. */
function pastProxies(env: Start['env']): readonly { readonly name: string; readonly value: string }[] {
  if (!PROXIES.some((name) => (env[name] ?? '') !== '')) {
    return [];
  }
  const known = NO_PROXY.map((name) => env[name] ?? '').find((value) => value !== '');
  return NO_PROXY.map((name) => ({ name, value: known === undefined ? '127.0.0.1' : `${known},127.0.0.1` }));
}
