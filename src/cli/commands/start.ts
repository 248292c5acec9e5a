// adf start: runs the factory in the foreground until it is told to end.

import type { Define } from '../command.ts';
import { withCommon } from '../command.ts';
import { foreground } from '../foreground.ts';

/** `adf start` */
export const define: Define = (command, run) => {
  withCommon(command)
    .option('--drain-on-term', 'SIGTERM lets runs finish first, as Ctrl-C does (for containers)')
    .action((options: { readonly drainOnTerm?: boolean }) =>
      run((session) =>
        session.local.start({ ...session.place, drainOnTerm: options.drainOnTerm === true }, foreground(session)),
      ),
    );
};
