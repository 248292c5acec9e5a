// Leads codex through a meter: the address of its model provider stands in its arguments.

import { METER_ADDRESS } from '../../core/metering/order.ts';
import type { MeteredStart, StartToMeter } from '../../ports/agent-driver.ts';
import { checkedAddress, unmetered } from '../metering.ts';

const OPTIONS: ReadonlySet<string | undefined> = new Set(['-c', '--config']);

/** `start` through a meter. Throws OperationalError `launch.metering` where no argument says where its model is. */
export function meteredCodex(start: StartToMeter): MeteredStart {
  const provider = settingsOf(start.argv).findLast(({ key }) => key === 'model_provider')?.value;
  const key = provider === undefined ? 'openai_base_url' : `model_providers.${provider}.base_url`;
  const place = settingsOf(start.argv).findLast((setting) => setting.key === key);
  if (place === undefined) {
    // Whether it is logged in to a plan or has a key decides where it goes, and is written in its home.
    const example = provider === undefined ? 'https://api.openai.com/v1' : 'https://…/v1';
    throw unmetered('codex', `write "-c", 'openai_base_url="${example}"' into args`.replace('openai_base_url', key));
  }
  const argv = start.argv.with(place.index, `${key}="${METER_ADDRESS}/0"`) as [string, ...string[]];
  return { argv, env: {}, upstreams: [checkedAddress('codex', key, place.value)] };
}

interface Setting {
  readonly index: number;
  readonly key: string;
  readonly value: string;
}

/** What follows `-c`; its values are TOML, of which addresses and names are the plain strings. */
function settingsOf(argv: readonly string[]): readonly Setting[] {
  return argv.flatMap((word, index) => {
    const split = word.indexOf('=');
    return OPTIONS.has(argv[index - 1]) && split > 0
      ? [{ index, key: word.slice(0, split), value: word.slice(split + 1).replace(/^(["'])(.*)\1$/, '$2') }]
      : [];
  });
}
