// A pause from the first failure to the closed issue, killed before and after each thing that the daemon does.

import { afterEach, describe, expect, it } from 'vitest';
import { PauseStory } from '../support/pause-story.ts';
import type { Sight } from '../support/pause-story.ts';
import type { RigInput } from '../support/daemon-rig.ts';

const PAUSED: Sight = {
  state: 'open',
  flag: true,
  issues: [{ state: 'open', comments: [] }],
  ends: ['failed', 'failed', 'failed'],
  starts: 3,
};
const OVER: Sight = {
  state: 'closed',
  flag: false,
  issues: [{ state: 'closed', comments: ['The pause was', 'Run `RUN` of'] }],
  ends: ['failed', 'failed', 'failed', 'succeeded'],
  starts: 4,
};

let story: PauseStory;
afterEach(() => story.rig.dispose());

/** Ids of runs differ from story to story. */
function plain(sight: Sight): Sight {
  return JSON.parse(JSON.stringify(sight).replaceAll(/`r\w+`/g, '`RUN`')) as Sight;
}

/** Tells the whole story with a death at `dieAt`; what was seen, with the moment of death in words. */
async function tell(
  dieAt: number | null,
  input: Partial<RigInput> = {},
): Promise<{ readonly moment: string; readonly paused: Sight; readonly over: Sight }> {
  story = await PauseStory.begin(dieAt, input);
  const paused = await story.fail();
  const over = await story.recover();
  return { moment: `${dieAt} of ${story.died ?? 'none'}`, paused: plain(paused), over: plain(over) };
}

/** Tells the story with one death each at every moment that `take` wants; answers how many there were. */
async function tellAll(take: (dieAt: number) => boolean, input: Partial<RigInput> = {}): Promise<number> {
  await tell(null, input);
  const moments = [...story.rig.moments.keys()].filter(take);
  for (const dieAt of moments) {
    await story.rig.dispose();
    const told = await tell(dieAt, input);
    expect(told).toEqual({ moment: told.moment, paused: PAUSED, over: OVER });
    expect([told.moment, story.restarts]).toEqual([told.moment, 1]);
  }
  return moments.length;
}

describe('a daemon that is killed', () => {
  it('nowhere: one flag, one issue, one note of the removal, closed by the success', async () => {
    expect(await tell(null)).toEqual({ moment: 'null of none', paused: PAUSED, over: OVER });
  });

  it('at any moment comes to the same end', async () => {
    expect(await tellAll(() => true)).toBeGreaterThan(60);
  });

  it('at every ninth moment comes to the same end with a ledger and a flag in files', async () => {
    expect(await tellAll((dieAt) => dieAt % 9 === 0, { ledger: 'file', flags: 'file' })).toBeGreaterThan(8);
  });
});
