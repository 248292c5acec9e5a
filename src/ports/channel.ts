// Somebody outside who is told of alerts.

import type { Notice } from '../core/alert/notice.ts';

/** What came of one try. `permanent`: useless until a person changes something. */
export type ChannelReply =
  | { readonly kind: 'done'; readonly note: string }
  | {
      readonly kind: 'failed';
      readonly permanent: boolean;
      /** Holds no secret; says what to do. */
      readonly message: string;
      /** Epoch ms before which another try is useless; null where nobody said. */
      readonly retryAt: number | null;
    };

/** Delivers notices, one call each; expected failures are values. */
export interface Channel {
  deliver(notice: Notice): Promise<ChannelReply>;
  /** Changes whenever a person changed what the channel was given: parked notices may go on. */
  accessStamp(): Promise<string>;
}
