// A message in Slack, by an incoming webhook: text that acts on nobody.

import { cutMiddle } from '../../lib/cut-text.ts';
import type { Notice } from '../../core/alert/notice.ts';
import { secretStamp } from '../../os/secret-file.ts';
import type { Channel } from '../../ports/channel.ts';
import { deliver } from './deliver.ts';
import { addressIn } from './webhook.ts';

/** Slack folds and then cuts longer messages itself. */
const TEXT_BYTES = 3000;

/** The channel behind the address in `urlFile`. */
export function slack(input: { readonly urlFile: string; readonly now: () => number }): Channel {
  return {
    deliver: async (notice) =>
      deliver(
        async () => ({
          url: await addressIn(input.urlFile),
          headers: {},
          body: JSON.stringify({ text: textOf(notice) }),
        }),
        input.now,
      ),
    accessStamp: async () => secretStamp(input.urlFile),
  };
}

/** `<!channel>`, `<@U123>` and links are written with these three characters: escaped they are text. Cut before: an escape must stay whole. */
function textOf({ title, text, command }: Notice): string {
  const whole = cutMiddle(text === '' ? title : `${title}\n${text}`, TEXT_BYTES);
  const escaped = whole.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `${escaped}\n\`${command}\``;
}
