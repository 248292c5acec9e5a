// Every answer that carries reasons says of each whose limit it is, in the same type.

import { afterEach, describe, expect, it } from 'vitest';
import { isRejectionReason } from '../../src/http/rejection-schema.ts';
import type { Reason } from '../../src/core/admission/reasons.ts';
import { rejectionOf } from '../../src/core/trace/rejection.ts';
import type { RejectionReason } from '../../src/core/trace/rejection.ts';
import { alertFleet, startAlertRig, trip } from '../support/alert-rig.ts';
import type { DaemonRig } from '../support/daemon-rig.ts';

let rig: DaemonRig;
afterEach(async () => rig.dispose());

/** The same reasons in the other type, each valid. */
const same = (view: { readonly rejections?: readonly RejectionReason[] } | undefined, reasons: readonly Reason[]) => {
  expect(reasons).not.toEqual([]);
  expect(view?.rejections).toEqual(reasons.map(rejectionOf));
  expect(view?.rejections?.every(isRejectionReason)).toBe(true);
};

describe('rejections', () => {
  it('stand beside the reasons in why, agents, next and the answer to a request', async () => {
    rig = await startAlertRig(alertFleet('schedule = "0 * * * *"\n').replace('Growth', 'Core'));
    await trip(rig);
    await rig.quiet();
    const why = await rig.command(async (control) => control.why('steward'));
    if (why === null || 'refused' in why) {
      throw new Error('steward is not known');
    }
    same(why, why.reasons);
    same(why.agent, why.agent.held);
    const [next] = (await rig.command(async (control) => control.next(3_600_000))) ?? [];
    same(next, next?.held ?? []);
    const reply = await rig.ask('web/steward');
    same(reply ?? undefined, reply?.reasons ?? []);
  });

  it('say that a full queue is the limit of who asks, with its numbers', async () => {
    rig = await startAlertRig(`[factory]\nmax_waiting = 1\n${alertFleet('events = ["push"]\noverlap = "queue"\n')}`);
    rig.script('web/steward', {});
    await rig.ask('web/steward');
    await rig.ask('web/steward');
    const [agent] = (await rig.command(async (control) => control.agents())) ?? [];
    same(agent?.waiting[0], agent?.waiting[0]?.reasons ?? []);
    const answer = await rig.command(async (control) => control.run('steward', { key: 'k3' }));
    expect(answer).toMatchObject({ refused: { rejection: { kind: 'tenant_limit', code: 'queue_full' } } });
    const [told] = (await rig.command(async (control) => control.emit('push', { key: 'e1' }))) ?? [];
    same(told, told?.reasons ?? []);
    expect(told?.rejections?.[0]?.code).toBe('queue_full');
  });
});
