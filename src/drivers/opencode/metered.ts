// Leads opencode through a meter: the addresses of its providers stand in a configuration laid over its own.

import { METER_ADDRESS } from '../../core/metering/order.ts';
import type { MeteredStart, StartToMeter } from '../../ports/agent-driver.ts';
import { isObject, objectAt, parseObject, textAt } from '../json-line.ts';
import type { Json } from '../json-line.ts';
import { checkedAddress, unmetered } from '../metering.ts';

const VARIABLE = 'OPENCODE_CONFIG_CONTENT';

/** Where its providers are when no configuration says so. */
const USUAL: Readonly<Record<string, string>> = {
  anthropic: 'https://api.anthropic.com/v1',
  openai: 'https://api.openai.com/v1',
  google: 'https://generativelanguage.googleapis.com/v1beta',
  openrouter: 'https://openrouter.ai/api/v1',
};

/** `start` through a meter. Throws OperationalError `launch.metering` where the address of its model's provider is not known. */
export function meteredOpencode(start: StartToMeter): MeteredStart {
  const config = parseObject(start.env[VARIABLE] ?? '{}') ?? {};
  const known = Object.entries(objectAt(config, 'provider')).filter((entry): entry is [string, Json] =>
    isObject(entry[1]),
  );
  const addresses = new Map(
    known.flatMap(([name, provider]) => {
      const address = textAt(objectAt(provider, 'options'), 'baseURL');
      return address === null ? [] : [[name, checkedAddress('opencode', `baseURL of ${name}`, address)]];
    }),
  );
  const [name = ''] = start.model?.split('/') ?? [];
  if (!addresses.has(name)) {
    addresses.set(name, usualOf(name));
  }
  const metered: readonly (readonly [string, Json])[] = [...addresses.keys()].map((provider, index) => {
    const own = objectAt(objectAt(config, 'provider'), provider);
    const options = { ...objectAt(own, 'options'), baseURL: `${METER_ADDRESS}/${index}` };
    return [provider, { ...own, options }] as const;
  });
  const all: Json = { ...objectAt(config, 'provider'), ...Object.fromEntries(metered) };
  return {
    argv: start.argv,
    env: { [VARIABLE]: JSON.stringify({ ...config, provider: all }) },
    upstreams: [...addresses.values()],
  };
}

function usualOf(provider: string): string {
  const address = USUAL[provider];
  if (address === undefined) {
    const cure = `write provider.${provider}.options.baseURL into ${VARIABLE} in env`;
    throw unmetered('opencode', provider === '' ? 'write its model as provider/model' : cure);
  }
  return address;
}
