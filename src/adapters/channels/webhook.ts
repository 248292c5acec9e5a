// A webhook: the notice as JSON, signed with HMAC-SHA-256 over time, delivery id and body, so that it can be neither made up nor replayed.

import { createHmac } from 'node:crypto';
import { OperationalError } from '../../lib/operational-error.ts';
import { readSecret, secretStamp } from '../../os/secret-file.ts';
import type { Channel } from '../../ports/channel.ts';
import { deliver } from './deliver.ts';

/** One webhook; its address stands in agents.toml or in a file. */
export interface WebhookInput {
  readonly url: string | null;
  readonly urlFile: string | null;
  readonly secretFile: string;
  /** Epoch ms. */
  readonly now: () => number;
}

/** The webhook of `input`. */
export function webhook(input: WebhookInput): Channel {
  const { url, urlFile, secretFile, now } = input;
  return {
    deliver: async (notice) =>
      deliver(async () => {
        const secret = await readSecret(secretFile, '[[channels]] secret_file');
        const body = JSON.stringify(notice);
        const time = String(now());
        return {
          url: url ?? (await addressIn(urlFile)),
          headers: {
            // The same in every try: who has seen it may answer 200 and do nothing.
            'x-adf-delivery': notice.id,
            'x-adf-timestamp': time,
            'x-adf-signature': `sha256=${signatureOf(secret, { time, delivery: notice.id, body })}`,
          },
          body,
        };
      }, now),
    accessStamp: async () => `${await secretStamp(secretFile)} ${urlFile === null ? '' : await secretStamp(urlFile)}`,
  };
}

/** HMAC-SHA-256 of `time.delivery.body`, in hex. */
export function signatureOf(
  secret: string,
  of: { readonly time: string; readonly delivery: string; readonly body: string },
): string {
  return createHmac('sha256', secret).update(`${of.time}.${of.delivery}.${of.body}`).digest('hex');
}

/** The address in a file; OperationalError `channel.address` where it holds none. */
export async function addressIn(file: string | null): Promise<string> {
  const text = file === null ? '' : await readSecret(file, '[[channels]] url_file');
  if (!/^https?:\/\/\S+$/.test(text)) {
    throw new OperationalError(
      'channel.address',
      `${file ?? 'agents.toml'} holds no address that begins with https://`,
    );
  }
  return text;
}
