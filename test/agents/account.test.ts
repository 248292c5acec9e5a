// Twenty agents of the real Claude Code on one subscription whose plan is used up: who asks the provider, how often, and who is to blame.

import { mkdirSync } from 'node:fs';

import { expect, onTestFinished, test, vi } from 'vitest';

import { agentToml, furnish } from '../../src/conformance/clis.ts';
import { MockModel } from '../../src/conformance/mock-model/server.ts';
import { DaemonProcess } from '../support/daemon-process.ts';
import { install } from './install.ts';

const AGENTS = 20;
/** So many ask before the first one is told no. */
const AT_ONCE = 4;
/** From the first start to the reset that the provider announces: time for a refusal and for a new daemon. */
const RESET_AFTER_MS = 20_000;
/** The reset, half a minute of chance after it, and twenty runs four at a time. */
const PATIENCE_MS = 180_000;

test(
  'asks once for each run before it knows, once to probe, and then each goes on where it stood',
  { timeout: 2 * PATIENCE_MS },
  async () => {
    const { program } = await install('claude');
    const daemon = new DaemonProcess('');
    const model = new MockModel((key) => daemon.rig.path(`work/${key}`));
    onTestFinished(async () => {
      await daemon.dispose();
      await model.close();
    });
    await model.listen();
    const names = Array.from({ length: AGENTS }, (_, at) => `a${at}`);
    const [home, tmp] = [daemon.rig.path('home'), daemon.rig.path('tmp')];
    furnish('claude', home);
    mkdirSync(tmp);
    const url = model.url('plan', 'account');
    const agents = names.map((name) => {
      const place = { name, program, home, tmp, url, workingDir: daemon.rig.path(`work/${name}`) };
      return agentToml('claude', { ...place, account: 'plan', isSubscription: true, more: 'project = "web"' });
    });
    const project = `[[projects]]\nid = "web"\nmax_concurrent_agents = ${AT_ONCE}\n[projects.breaker]\nagents = ["*"]\nthreshold = 1\n`;
    daemon.configure(['reset_skew = "1s"', project, ...agents].join('\n'));
    await daemon.start();
    const resetAt = Math.ceil((Date.now() + RESET_AFTER_MS) / 1000);
    model.planResetAt = resetAt;

    await Promise.all(names.map(async (name) => daemon.client.run(name, { key: name })));
    await waitFor(async () => {
      const kinds = (await daemon.facts()).map(({ kind }) => kind);
      expect([kinds.includes('provider.held'), (await daemon.client.status()).live]).toEqual([true, 0]);
    });
    const before = model.requests.length;
    expect(before).toBeLessThanOrEqual(AT_ONCE);
    await daemon.kill();
    await daemon.start();
    const { attention } = await daemon.client.status();
    expect(attention.map(({ text }) => text)).toEqual([expect.stringMatching(/^account plan is held \(quota: /)]);

    await waitFor(async () => {
      expect((await daemon.runs()).map(({ outcome }) => outcome?.kind)).toEqual(names.map(() => 'succeeded'));
    });
    const after = model.requests.slice(before);
    expect(after.every(({ at, status }) => at >= resetAt * 1000 && status === 200)).toBe(true);
    expect(after).toHaveLength(AGENTS);
    const facts = await daemon.facts();
    expect(facts.filter(({ kind }) => kind === 'provider.probing')).toHaveLength(1);
    expect(facts.filter(({ kind }) => kind === 'breaker.counted')).toEqual([]);
    await daemon.finish();
  },
);

async function waitFor(holds: () => Promise<void>): Promise<void> {
  await vi.waitFor(holds, { timeout: PATIENCE_MS, interval: 250 });
}
