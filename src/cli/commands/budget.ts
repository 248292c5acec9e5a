// adf budget: what budgets there are and what is left of each; or allows more for a while.

import { InvalidArgumentError } from 'commander';
import type { Define } from '../command.ts';
import { duration, withDaemon } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { renderBudgets } from '../render/budgets.ts';

/** `adf budget`, `adf budget override KEY` */
export const define: Define = (command, run) => {
  withDaemon(command).action(() =>
    run(async (session) => {
      const budgets = await (await session.client()).budget();
      await session.result(budgets, () => renderBudgets(budgets, session));
      return DONE;
    }),
  );
  withDaemon(command.command('override').description('allow more for a while'))
    .argument('<budget>', 'its name, as adf budget lists it')
    .requiredOption('--factor <number>', 'so many times its limits, 3 at most; 1 takes an override back', factor)
    .requiredOption('--for <time>', 'for how long, 48h at most', duration)
    .requiredOption('--reason <text>', 'why, for whoever finds it so')
    .action((key: string, wish: { readonly factor: number; readonly for: number; readonly reason: string }) =>
      run(async (session) => {
        const client = await session.client();
        const asked = { key, factor: wish.factor, forMs: wish.for, by: session.user, reason: wish.reason };
        const view = await client.overrideBudget(asked);
        await session.result(view, () => renderBudgets([view], session));
        return DONE;
      }),
    );
};

function factor(text: string): number {
  const value = /^\d{1,3}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (value < 1) {
    throw new InvalidArgumentError('Write a number from 1 to 3.');
  }
  return value;
}
