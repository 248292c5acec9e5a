// adf timeline: where the time of a run went, who held what, and what it would cost again.

import { Option } from 'commander';
import { chromeTrace, mermaid } from '../../core/trace/export.ts';
import { withDaemon } from '../command.ts';
import type { Define } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { renderTimeline } from '../render/timeline.ts';

/** `adf timeline RUN [--format mermaid|chrome]` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .argument('<run>', 'id of a run, or its first letters')
    .addOption(new Option('--format <format>', 'for another tool').choices(['mermaid', 'chrome']))
    .action((id: string, options: { readonly format?: 'mermaid' | 'chrome' }) =>
      run(async (session) => {
        const detail = await (await session.client()).show(id);
        const seen = detail.observability ?? {};
        if (options.format === 'mermaid') {
          await session.write(mermaid(detail.run.id, seen));
        } else if (options.format === 'chrome') {
          await session.jsonLine(chromeTrace(seen));
        } else {
          await session.result({ run: detail.run.id, observability: seen }, () => renderTimeline(detail, session));
        }
        return DONE;
      }),
    );
};
