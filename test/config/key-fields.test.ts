// No key of agents.toml is accepted and then lost on its way into the Fleet, and reads of the Fleet can be counted.

import { describe, expect, it } from 'vitest';

import { INERT_KEYS } from '../../src/config/inert-keys.ts';
import { KEYS } from '../../src/config/schema.ts';
import { fieldsOf, LEAF_KEYS } from '../support/key-fields.ts';
import { fleetOf } from '../support/load-config.ts';
import { trackReads, unreadKeys } from '../support/track-reads.ts';

describe('every key of agents.toml', () => {
  it.each(LEAF_KEYS.map((key) => [key]))('%s fills a field of the Fleet', (key) => {
    expect(fieldsOf(key)).not.toEqual([]);
  });

  it('on the list of keys without effect exists', () => {
    const paths = KEYS.map((key) => key.path);

    expect(INERT_KEYS.filter((key) => !paths.includes(key))).toEqual([]);
  });
});

describe('trackReads', () => {
  it('knows the fields that were read and the keys that were not', () => {
    const { fleet, reads } = trackReads(
      fleetOf('[[agents]]\nname = "a"\nlayer = "Growth"\ncli_tool = "a"\nargs = ["b"]\nretry = { max = 1 }'),
    );

    const [agent] = fleet.agents;
    expect([agent?.args.at(0), agent?.retry?.max]).toEqual(['b', 1]);
    expect(fleet.agents.map((one) => one.timeoutMs)).toEqual([7_200_000]);

    expect([...reads].toSorted()).toEqual([
      'agents',
      'agents[]',
      'agents[].args',
      'agents[].args[]',
      'agents[].retry',
      'agents[].retry.max',
      'agents[].timeoutMs',
    ]);
    expect(unreadKeys(['agents[].timeout', 'agents[].retry.cap', 'agents[].retry.max'], reads, fieldsOf)).toEqual([
      'agents[].retry.cap',
    ]);
  });
});
