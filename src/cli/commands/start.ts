// adf start: runs the factory in the foreground until it is told to end.

import { Option } from 'commander';
import type { Define } from '../command.ts';
import { withCommon } from '../command.ts';
import { foreground } from '../foreground.ts';

/** `adf start` */
export const define: Define = (command, run) => {
  withCommon(command)
    .option('--drain-on-term', 'SIGTERM lets runs finish first, as Ctrl-C does (for containers)')
    .addOption(
      new Option(
        '--log <manner>',
        'lines for people or for a collector (default: json under systemd, else text)',
      ).choices(['text', 'json']),
    )
    .action((options: { readonly drainOnTerm?: boolean; readonly log?: 'text' | 'json' }) =>
      run((session) => {
        // With --json every line is a whole fact already.
        const log = session.json ? 'text' : (options.log ?? null);
        return session.local.start(
          { ...session.place, drainOnTerm: options.drainOnTerm === true, log },
          foreground(session),
        );
      }),
    );
};
