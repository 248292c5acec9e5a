// `npm run gitea-double`: a Gitea on loopback that shows its issues on a plain page, for trying escalations by hand.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { GiteaDouble } from './double.ts';

/** Not a secret: it opens nothing but this double. */
const TOKEN = 'gitea-double-token';

const [port = '3111', tokenFile = '.adf/gitea-double.token'] = process.argv.slice(2);
const path = resolve(tokenFile);
const double = await GiteaDouble.start({ port: Number(port) });
const bot = double.world.addUser('factory');
double.world.addToken(bot, TOKEN, ['write:issue', 'write:repository', 'write:user']);
double.world.addRepository(bot, 'demo', { description: 'Escalations of the factory' });
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, `${TOKEN}\n`, { mode: 0o600 });

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    rmSync(path, { force: true });
    void double.close();
  });
}

console.log(`issues: ${double.url}/ (the page reloads itself; Ctrl-C ends it)

[gitea]
url = "${double.url}"
token_file = ${JSON.stringify(path)}
owner = "factory"
repository = "demo"`);
