// adf plan: what adf apply would do now, and a file that holds apply to it.

import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE, FAILED, USAGE } from '../exit-code.ts';
import { renderPlan } from '../render/reconcile.ts';

/** `adf plan [-o FILE]` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .option('-o, --output <file>', 'save the plan, for: adf apply FILE')
    .action((options: { readonly output?: string }) =>
      run(async (session) => {
        const view = await (await session.client()).plan();
        const isFit = view.kind === 'plan' && view.violations.length === 0;
        const file = isFit ? (options.output ?? null) : null;
        if (file !== null) {
          await session.local.savePlan(file, `${JSON.stringify(view, null, 2)}\n`);
        }
        await session.result(view, () => renderPlan(view, { file, look: session }));
        return isFit ? DONE : view.kind === 'broken' ? USAGE : FAILED;
      }),
    );
};
