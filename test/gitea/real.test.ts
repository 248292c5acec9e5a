// The Gitea suite against a real server: GITEA_URL and GITEA_TOKEN say which one and as whom.

import { expect } from 'vitest';
import { giteaSuite, type GiteaSubject } from '../adapters/gitea/gitea.suite.ts';

const { GITEA_URL: url = '', GITEA_TOKEN: token = '' } = process.env;
if (url === '' || token === '') {
  throw new Error(
    'set GITEA_URL and GITEA_TOKEN (scopes write:issue, write:repository, write:user): this suite needs a real Gitea',
  );
}
const login = { url: url.replace(/\/+$/, ''), token };

/** The server's own clock, in whole seconds. */
async function serverNow(): Promise<number> {
  const response = await fetch(`${login.url}/api/v1/version`, { headers: { authorization: `token ${token}` } });
  return Date.parse(response.headers.get('date') ?? '');
}

giteaSuite(`the real server at ${login.url}`, async (): Promise<GiteaSubject> => ({
  login,
  now: Date.now,
  async later() {
    const from = await serverNow();
    await expect.poll(serverNow, { interval: 200, timeout: 10_000 }).toBeGreaterThan(from + 1_000);
    return serverNow();
  },
  close: async () => undefined,
}));
