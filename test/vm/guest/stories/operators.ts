// What people may do without root, and what agents may not.

import { expect, it } from 'vitest';
import { answers, as, client, PLACE, sh } from '../factory.ts';

const OPERATOR = 'games';
const AGENTS = ['adf-agent', 'tester'] as const;

/** Cases. */
export function operators(): void {
  it('in the group see, run, pause and resume without root', async () => {
    expect(as(OPERATOR, 'adf status').code).toBe(0);
    expect(as(OPERATOR, 'adf run web/who --wait').code).toBe(0);
    expect(as(OPERATOR, 'touch /var/lib/adf-pause/web')).toEqual({ code: 0, said: '' });
    expect((await client.why('web/who')).reasons.map(({ code }) => code)).toContain('project.paused');
    expect(as(OPERATOR, 'adf resume web').code).toBe(0);
    expect(as(OPERATOR, 'touch /var/lib/adf-pause/api && rm /var/lib/adf-pause/api')).toEqual({ code: 0, said: '' });
    expect((await client.status()).draining).toBe(false);
  });

  it('do so where the flags lie in a folder of their own choice', async () => {
    const flags = '/opt/flags';
    sh(`sed -i 's|^pause_dir = .*|pause_dir = "${flags}"|' ${PLACE.config}`);
    expect(sh('adf install')).toContain(`done  folder ${flags}`);
    sh('systemctl restart adf');
    await answers();
    expect(as(OPERATOR, `touch ${flags}/web`)).toEqual({ code: 0, said: '' });
    expect((await client.why('web/who')).reasons.map(({ code }) => code)).toContain('project.paused');
    expect(as(OPERATOR, 'adf resume web').code).toBe(0);
    expect(as(OPERATOR, `touch ${flags}/api && rm ${flags}/api`)).toEqual({ code: 0, said: '' });
    expect(as(OPERATOR, 'adf status && adf run web/who --wait').code).toBe(0);
    expectRefused(AGENTS[0], [...touching(flags), 'adf resume docs'], flags);
    sh(
      `sed -i 's|^pause_dir = .*|pause_dir = "${PLACE.pauseDir}"|' ${PLACE.config} && adf install && systemctl restart adf`,
    );
    await answers();
  });

  it.each(AGENTS)('who agents run as are refused: %s', (user) => {
    const { code, said } = as(user, 'adf status');
    expect(code).toBe(3);
    expect(said).toContain('is closed to you');
    expect(said).toContain(`sudo usermod -aG ${PLACE.operators} YOU`);
    expectRefused(
      user,
      [
        ...touching(PLACE.pauseDir),
        'adf status',
        'adf run web/who',
        'adf resume docs',
        `node -e "require('net').connect('${PLACE.socket}').on('connect', () => process.exit(0)).on('error', () => process.exit(1))"`,
        `cat ${PLACE.stateDir}/ledger.db`,
        `ls ${PLACE.runtimeDir}`,
        'systemctl stop adf',
      ],
      PLACE.pauseDir,
    );
  });
}

/** What goes round the factory to its flags in `folder`. */
function touching(folder: string): string[] {
  return [`touch ${folder}/web`, `rm -f ${folder}/docs`, `ls ${folder}`];
}

/** Tries each line as `user`: none works, and the flags in `folder` stay as they are. */
function expectRefused(user: string, lines: readonly string[], folder: string): void {
  sh(`touch ${folder}/docs`);
  for (const line of lines) {
    expect([line, as(user, line).code === 0]).toEqual([line, false]);
  }
  expect(sh(`ls ${folder}`)).toBe('docs\n');
  sh(`rm ${folder}/docs`);
}
