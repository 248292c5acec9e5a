// adf issues: the issues of the local tracker; show prints one as it stands.

import type { IssueView } from '../../http/contract.ts';
import { OperationalError } from '../../lib/operational-error.ts';
import type { Define } from '../command.ts';
import { count, withDaemon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { renderIssue, renderIssues } from '../render/issues.ts';

const MAX_NUMBER = 999_999_999;

/** `adf issues`, `adf issues show N` */
export const define: Define = (command, run) => {
  withDaemon(command).action(() =>
    run(async (session) => {
      const issues = await (await session.client()).issues();
      await session.result(issues, () => renderIssues(issues, session));
      return DONE;
    }),
  );
  withDaemon(command.command('show').description('one issue with its comments'))
    .argument('<number>', 'number of the issue', count(MAX_NUMBER))
    .action((number: number) =>
      run(async (session) => {
        const issue = pick(await (await session.client()).issues(), number);
        await session.result(issue, () => renderIssue(issue, session));
        return DONE;
      }),
    );
};

function pick(issues: readonly IssueView[], number: number): IssueView {
  const found = issues.find((issue) => issue.number === number);
  if (found === undefined) {
    throw new OperationalError('issue.unknown', `there is no issue #${number}: adf issues lists them`);
  }
  return found;
}
