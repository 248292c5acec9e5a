// Ten agents outlive everything that can happen to the daemon, and every end is true.

import { readdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { agentText, answers, client, configure, ended, PLACE, programOf, run, runsOf, sh, units } from '../factory.ts';
import { waitFor } from '../wait.ts';

const AGENTS = 10;
/** Some of them are on their way at any moment while they start. */
const STARTING = 4;
/** Ten of them fit beside each other. */
const SECRET = 'given-by-the-manager_77';
const MODEST = 'max_memory_bytes = "32MiB"';

/** Cases. */
export function restarts(): void {
  it('outlive a kill, a restart, an upgrade, a reexec of the manager, and a stop longer than they live', async () => {
    const names = Array.from({ length: AGENTS }, (_, index) => `web/long${index}`);
    await configure(
      names
        .map((name, index) =>
          agentText(name, `echo begun; while [ ! -e end ]; do sleep 1; done; echo ended; exit ${index}`, MODEST),
        )
        .join(''),
    );
    const ids = await Promise.all(names.map(run));
    await waitFor(() => units().length === AGENTS);
    const before = units();

    sh('systemctl kill --signal=KILL --kill-whom=main adf');
    await waitFor(() => sh('systemctl show --property=NRestarts --value adf').trim() === '1');
    await answers();
    sh('systemctl restart adf');
    await answers();
    sh(`install -m 600 /dev/stdin ${PLACE.credentials}/own <<'END'\n${SECRET}\nEND`);
    await configure(
      `\n[secrets]\nfiles = { OWN = "credential:own", NONE = "credential:none" }\n${agentText('web/given', `test "$OWN" = ${SECRET}`, 'secrets = ["OWN"]')}`,
    );
    const upgraded = sh(`sh ${programOf('1.1.0')}/bin/adf upgrade`);
    expect(upgraded).toContain('1.1.0');
    expect(upgraded).toContain(`next  install -m 600 /dev/stdin ${PLACE.credentials}/none`);
    await answers();
    // A file that is not there keeps nobody from starting.
    expect((await ended(await run('web/given'))).run.outcome).toEqual({ kind: 'succeeded' });
    const doctored = sh('adf doctor || true');
    expect(doctored).toContain(`none: agents.toml names it, and there is no file ${PLACE.credentials}/none`);
    expect(doctored).not.toContain('own: ');
    expect(doctored).toMatch(/ok +secrets +1 agent can be given what they name/);
    expect(readdirSync(PLACE.programs).toSorted()).toEqual(['1.0.0', '1.1.0', 'current', 'deadman.sh']);
    expect((await client.status()).version).toBe('1.1.0');
    sh('systemctl daemon-reexec');
    expect(units()).toEqual(before);

    sh('systemctl stop adf');
    writeFileSync('/srv/web/end', '');
    await waitFor(() => units().length === 0);
    sh('systemctl start adf');
    const ends = await Promise.all(ids.map(ended));
    expect(ends.map(({ run: { outcome, exit }, output }) => [outcome?.kind, exit, output.tail])).toEqual(
      names.map((_, index) => [
        index === 0 ? 'succeeded' : 'failed',
        expect.objectContaining({ code: index, signal: null }) as unknown,
        'begun\nended\n',
      ]),
    );
    for (const name of names) {
      expect((await runsOf(name)).map(({ attempts }) => attempts)).toEqual([1]);
    }
  });
  it.each(['systemctl stop adf', 'systemctl kill --signal=KILL adf; systemctl stop adf'])(
    'are not failed by what ends the daemon while they are being started: %s',
    async (line) => {
      const names = Array.from({ length: STARTING }, (_, index) => `web/begun${index}`);
      if ((await runsOf('web/begun0')).length === 0) {
        await configure(names.map((name) => agentText(name, 'echo begun', 'retry = { max = 0 }')).join(''));
      }
      const ids = await Promise.all(names.map(run));
      // The first of them is with the manager now.
      await waitFor(() => units().length > 0);
      // So many starts in so short a time are a test's alone.
      sh(`${line}; systemctl reset-failed adf; systemctl start adf`);
      await answers();
      const ends = await Promise.all(ids.map(ended));
      expect(ends.map(({ run: { outcome }, output }) => [outcome?.kind, output.tail])).toEqual(
        names.map(() => ['succeeded', 'begun\n']),
      );
    },
  );
}
