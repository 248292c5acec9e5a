// Checks how channels fit together: names that are one, addresses that are missing, and who is meant by [alerts].

import type { Entries, Entry } from './collect.ts';
import { didYouMean, quote } from './problem.ts';
import { nearestName } from '../lib/nearest.ts';
import type { ChannelInput } from './schema/alerts.ts';

/** Reports what no channel could work with, and warns of what it does not look at. */
export function checkAlerts(entries: Entries): void {
  const names = entries.channels.map((channel) => channel.values.name).filter((name) => name !== undefined);
  for (const [index, channel] of entries.channels.entries()) {
    const { name } = channel.values;
    if (name !== undefined && names.indexOf(name) < index) {
      channel.source.error([...channel.path, 'name'], `${quote(name)} is taken: choose another`);
    }
    checkAddress(channel);
  }
  const { alerts } = entries;
  for (const [index, name] of (alerts.values.channels ?? []).entries()) {
    if (!names.includes(name)) {
      const near = nearestName(name, names);
      const hint = near === null ? ': add it to [[channels]]' : didYouMean(near);
      alerts.source.error([...alerts.path, 'channels', index], `no channel is called ${quote(name)}${hint}`);
    }
  }
}

/** Warns of a model that will never be asked. */
export function warnOfAi({ ai }: Entries): void {
  for (const key of ['endpoint', 'model'] as const) {
    if (ai !== null && ai.values[key] === undefined) {
      ai.source.warning(ai.path, `has no ${key}: nothing is explained, alerts are told without it`);
    }
  }
}

function checkAddress({ source, path, values }: Entry<ChannelInput>): void {
  const { kind, url, url_file, secret_file } = values;
  const missing = (key: string, why: string): void => {
    source.error([...path, key], `missing; ${why}`);
  };
  const useless = (key: string, why: string): void => {
    source.warning([...path, key], `has no effect ${why}`, 'key');
  };
  const here = `in a channel of kind ${quote(kind ?? '')}`;
  if (kind === 'webhook') {
    if (url === undefined && url_file === undefined) {
      missing('url', 'a webhook needs the address that is told');
    }
    if (secret_file === undefined) {
      missing('secret_file', 'a webhook is signed: without a key nobody could tell our messages from others');
    }
  } else if (kind === 'slack' && url_file === undefined) {
    missing('url_file', 'the address of a Slack webhook is a secret, so it stands in a file of its own');
  }
  if (url !== undefined && kind !== 'webhook' && kind !== undefined) {
    useless('url', here);
  }
  if (url_file !== undefined && (kind === 'tracker' || (kind === 'webhook' && url !== undefined))) {
    useless('url_file', kind === 'tracker' ? here : 'beside url');
  }
  if (secret_file !== undefined && kind !== 'webhook' && kind !== undefined) {
    useless('secret_file', here);
  }
}
