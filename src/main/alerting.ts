// Chooses who is told of alerts and who explains them, as agents.toml in force has it.

import { slack } from '../adapters/channels/slack.ts';
import { webhook } from '../adapters/channels/webhook.ts';
import { chatModel } from '../adapters/llm/chat.ts';
import { secretPath } from '../config/secret-place.ts';
import type { AiAccess, ChannelAccess, Fleet } from '../core/fleet.ts';
import type { House } from '../daemon/house.ts';
import type { Clock } from '../ports/clock.ts';
import type { Model } from '../ports/model.ts';

/** Channels and model of whatever configuration is in force. */
export function alertingInForce(
  inForce: { readonly now: Fleet },
  clock: Pick<Clock, 'now'>,
  environment: Readonly<Record<string, string>>,
): House['alerting'] {
  const now = (): number => clock.now();
  const file = (path: string): string => secretPath(path, environment);
  let known: { readonly ai: AiAccess; readonly model: Model } | null = null;
  return {
    channel: (name) => {
      const access = inForce.now.channels.find((one) => one.name === name);
      return access === undefined ? null : channelOf(access, file, now);
    },
    get model() {
      const { ai } = inForce.now;
      if (ai === null) {
        return null;
      }
      if (known?.ai !== ai) {
        const { endpoint, model, provider, apiKeyFile } = ai;
        const key = apiKeyFile === null ? null : file(apiKeyFile);
        known = { ai, model: chatModel({ endpoint, model, provider, apiKeyFile: key, now }) };
      }
      return known.model;
    },
  };
}

function channelOf(
  { kind, url, urlFile, secretFile }: ChannelAccess,
  file: (path: string) => string,
  now: () => number,
): ReturnType<House['alerting']['channel']> {
  const at = urlFile === null ? null : file(urlFile);
  if (kind === 'webhook' && secretFile !== null) {
    return webhook({ url, urlFile: at, secretFile: file(secretFile), now });
  }
  return kind === 'slack' && at !== null ? slack({ urlFile: at, now }) : null;
}
