// What adf install and its like say of what they did.

import { expect, it } from 'vitest';
import { adfAlone } from '../support/cli.ts';
import { fakeLocal } from '../support/fake-local.ts';
import type { InstallView } from '../../src/cli/local.ts';

const VIEW: InstallView = {
  verb: 'upgrade',
  printed: false,
  steps: [
    { what: 'folder /etc/adf/credentials (700 root)', text: null, state: 'changed' },
    { what: 'group adf-operators', text: null, state: 'already' },
  ],
  checks: [
    {
      area: 'project',
      state: 'missing',
      text: 'web: adf-agent cannot enter and read /srv/web',
      remedy: 'setfacl -R /srv/web',
    },
  ],
  next: ['adf status'],
};

it('upgrade tells what it changed, what is wrong with the projects, and what comes next, and does not fail for it', async () => {
  const local = fakeLocal({ install: async () => Promise.resolve(VIEW) });
  expect(await adfAlone(['upgrade'], { local })).toMatchObject({
    code: 0,
    out: `done  folder /etc/adf/credentials (700 root)
adf upgrade: 1 of 2 steps changed something
missing  web: adf-agent cannot enter and read /srv/web → setfacl -R /srv/web
next  adf status
`,
  });
});
