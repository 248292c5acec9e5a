// The factory put on the machine by its one command, with the three projects of the stories.

import { appendFileSync, existsSync } from 'node:fs';
import { PLACE, programOf, sh } from './factory.ts';

const PROJECTS = { web: 'adf-agent', api: 'adf-agent', docs: 'tester' } as const;

/** Installs and starts it; what `adf install --print` had said before. */
export function installFactory(): string {
  const root = programOf('1.0.0');
  const printed = sh(`sh ${root}/bin/adf install --print`);
  if (existsSync(PLACE.programs)) {
    throw new Error('adf install --print changed the machine');
  }
  sh(`sh ${root}/bin/adf install`);
  appendFileSync(PLACE.config, 'max_concurrent_agents = 40\n');
  for (const [id, user] of Object.entries(PROJECTS)) {
    sh(`mkdir -p /srv/${id} && chown ${user} /srv/${id} && chmod 700 /srv/${id}`);
    const line = user === PLACE.agentUser ? '' : `user = "${user}"\n`;
    appendFileSync(PLACE.config, `\n[[projects]]\nid = "${id}"\nworking_dir = "/srv/${id}"\n${line}`);
  }
  sh(`usermod -aG ${PLACE.operators} games`);
  // What was installed is there also after a power cut.
  sh('sync && systemctl start adf');
  return printed;
}
