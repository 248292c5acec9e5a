import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentKey } from '../../../src/core/ids.ts';
import { eventKey, operatorKey } from '../../../src/core/trigger/dedupe.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '"', ',', '/', '\\'), maxLength: 6 });

describe('the key of a wish', () => {
  it('is the same for the same wish', () => {
    expect(operatorKey('web/steward' as AgentKey, 'k1')).toBe(operatorKey('web/steward' as AgentKey, 'k1'));
    expect(eventKey('web/steward' as AgentKey, 'push', 'k1')).toBe(eventKey('web/steward' as AgentKey, 'push', 'k1'));
  });

  it('differs for different wishes, whatever characters they hold', () => {
    const wish = fc.tuple(text, text, text);
    fc.assert(
      fc.property(wish, wish, (one, other) => {
        const same = one.every((part, index) => part === other[index]);
        const [a, b] = [one, other].map(([agent, event, key]) => eventKey(agent as AgentKey, event, key));
        expect(a === b).toBe(same);
        expect(operatorKey(one[0] as AgentKey, one[2])).not.toBe(a);
      }),
    );
  });
});
