// A running Gitea double with one account, as a subject for the Gitea suite.

import { GiteaDouble } from '../../support/gitea-double/double.ts';
import type { User } from '../../support/gitea-double/world.ts';
import type { GiteaSubject } from './gitea.suite.ts';

/** The double, its clock, and the account that the tracker uses. */
export interface DoubleSubject extends GiteaSubject {
  readonly double: GiteaDouble;
  readonly bot: User;
}

/** Starts one. Its clock stands still until `later`. */
export async function doubleSubject(): Promise<DoubleSubject> {
  let at = Date.UTC(2026, 10, 21, 10);
  const now = (): number => at;
  const double = await GiteaDouble.start({ now });
  const bot = double.world.addUser('factory');
  const token = '0123456789abcdef0123456789abcdef01234567';
  double.world.addToken(bot, token, ['write:issue', 'write:repository', 'write:user']);
  return {
    double,
    bot,
    login: { url: double.url, token },
    now,
    later: async () => (at += 2_000),
    close: () => double.close(),
  };
}
