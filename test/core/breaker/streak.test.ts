import { describe, expect, it } from 'vitest';
import { BreakerWorld, META, OTHER_META } from '../../support/breaker-world.ts';

describe('endings that do not count', () => {
  it('open an escalation of their own after threshold attempts, without a pause, closed by the next success', () => {
    const world = new BreakerWorld().endUncounted().endUncounted();
    expect(world.effects).toEqual([]);
    expect(world.endUncounted().kinds()).toEqual(['escalation.opened', 'open_issue']);
    expect(world.state.kind).toBe('closed');
    expect(world.endUncounted().effects).toEqual([]);
    expect(world.succeed().kinds()).toEqual(['escalation.closed', 'close_issue']);
  });

  it('are counted per agent', () => {
    const world = new BreakerWorld().endUncounted(META).endUncounted(OTHER_META).endUncounted(META);
    expect(world.effects).toEqual([]);
  });

  it('are no longer in a row after a failure that counts, which leaves an open escalation', () => {
    const world = new BreakerWorld().endUncounted().endUncounted().fail().endUncounted().endUncounted();
    expect(world.effects).toEqual([]);
    expect(world.endUncounted().kinds()).toContain('open_issue');
    expect(world.fail().kinds()).toEqual(['breaker.counted']);
    expect(world.succeed().kinds()).toContain('close_issue');
  });

  it('do not reset the count of failures', () => {
    expect(new BreakerWorld().fail().fail().endUncounted().fail().state.kind).toBe('open');
  });

  it('are forgotten with the agent, and what they opened is closed', () => {
    const world = new BreakerWorld().endUncounted().endUncounted().endUncounted();
    world.tell({ kind: 'rule_changed', counted: [OTHER_META] });
    expect(world.effects).toMatchObject([
      {},
      { kind: 'close_issue', note: { kind: 'no_longer_counted', agent: META } },
    ]);
    expect(world.state.streaks).toEqual({});
  });
});
