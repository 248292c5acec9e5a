// The tracker that agents.toml asks for, with its token where a service gets it.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system-clock.ts';
import { trackerInForce } from '../../src/main/tracker.ts';
import { removeFolder, testFolder } from '../support/factory.ts';
import { GiteaDouble } from '../support/gitea-double/double.ts';
import { fleetOf } from '../support/load-config.ts';
import { MemoryIssueStore } from '../support/memory-issue-store.ts';

const TOKEN = '0123456789abcdef0123456789abcdef01234567';

it('reads the token of Gitea from a credential of the unit', async () => {
  const dir = testFolder();
  onTestFinished(() => removeFolder(dir));
  await using gitea = await GiteaDouble.start();
  const bot = gitea.world.addUser('factory');
  gitea.world.addToken(bot, TOKEN, ['write:issue', 'read:repository']);
  gitea.world.addRepository(bot, 'fleet');
  mkdirSync(join(dir, 'credentials'));
  writeFileSync(join(dir, 'credentials/gitea-token'), `${TOKEN}\n`, { mode: 0o600 });
  const fleet = fleetOf(
    `[gitea]\nurl = "${gitea.url}"\ntoken_file = "credential:gitea-token"\nowner = "factory"\nrepository = "fleet"\n`,
  );
  const place = { project: null, owner: null, repository: null };
  const given = (environment: Readonly<Record<string, string>>): ReturnType<typeof trackerInForce> =>
    trackerInForce({ now: fleet }, { clock: systemClock, ledger: { issues: new MemoryIssueStore() }, environment });

  expect(await given({ CREDENTIALS_DIRECTORY: join(dir, 'credentials') })().check(place)).toMatchObject({
    kind: 'done',
  });
  expect(await given({ CREDENTIALS_DIRECTORY: dir })().check(place)).toMatchObject({ kind: 'failed' });
});
