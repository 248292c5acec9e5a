// A fresh machine becomes a build host by one command, and stays one whatever agents and people do to it.

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe } from 'vitest';
import { PLACE, programOf, sh } from '../factory.ts';
import { freshMachine } from '../stories/fresh-machine.ts';
import { limits } from '../stories/limits.ts';
import { operators } from '../stories/operators.ts';
import { ownManager } from '../stories/own-manager.ts';
import { ownFolders } from '../stories/own-folders.ts';
import { restarts } from '../stories/restarts.ts';
import { sandboxes } from '../stories/sandboxes.ts';
import { silence } from '../stories/silence.ts';
import { takenAway } from '../stories/taken-away.ts';

const PROJECTS = { web: 'adf-agent', api: 'adf-agent', docs: 'tester' } as const;

let printed = '';

beforeAll(() => {
  const root = programOf('1.0.0');
  printed = sh(`sh ${root}/bin/adf install --print`);
  if (existsSync(PLACE.programs)) {
    throw new Error('adf install --print changed the machine');
  }
  sh(`sh ${root}/bin/adf install`);
  appendFileSync(PLACE.config, 'max_concurrent_agents = 40\n');
  for (const [id, user] of Object.entries(PROJECTS)) {
    sh(`mkdir -p /srv/${id} && chown ${user} /srv/${id} && chmod 700 /srv/${id}`);
    const line = user === PLACE.agentUser ? '' : `user = "${user}"\n`;
    // What installing writes closes /tmp to agents, by which most of the stories here speak with them.
    const open = 'sandbox = "off"\n';
    appendFileSync(PLACE.config, `\n[[projects]]\nid = "${id}"\nworking_dir = "/srv/${id}"\n${open}${line}`);
  }
  sh(`usermod -aG ${PLACE.operators} games`);
  sh('systemctl start adf');
});

describe('a fresh machine', () => {
  freshMachine(
    () => printed,
    (path) => readFileSync(path, 'utf8'),
  );
});
describe('folders of their own', ownFolders);
describe('people', operators);
describe('sandboxes and secrets', sandboxes);
describe('agents beyond their limits', limits);
describe('ten live agents', restarts);
describe('a daemon that stands still', silence);
describe('limits that are taken away', takenAway);
describe('a user with a manager of their own', ownManager);
