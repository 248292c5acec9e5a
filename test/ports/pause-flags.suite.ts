// What every implementation of the pause flags must do, whoever holds the files.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { breakerFlagText } from '../../src/core/pause/flag-text.ts';
import { FACTORY_FLAG, isProjectPaused } from '../../src/core/pause/flag.ts';
import type { ProjectId, RunId } from '../../src/core/ids.ts';
import type { FlagDraft, PauseFlags } from '../../src/ports/pause-flags.ts';
import { META } from '../support/breaker-world.ts';

/** One pause_dir under test, and a person's hand on it. */
export interface FlagsSubject {
  readonly flags: PauseFlags;
  touchByHand(name: string): void;
  removeByHand(name: string): void;
  /** The folder is gone, with everything in it or for a while. */
  vanish(): void;
  dispose(): void;
}

const STAMP = 1_763_721_045_123;

function draft(flags: PauseFlags, name: string, own: FlagDraft['own'] = { incident: 'i1', stampAt: STAMP }): FlagDraft {
  const text = breakerFlagText(
    {
      incident: own?.incident ?? 'nobody',
      stampAt: STAMP,
      cause: { kind: 'in_a_row', agent: META, class: 'agent_failure', failures: 3, limit: 3 },
      runs: ['r1' as RunId],
    },
    { name, path: flags.path(name), issue: null, repository: null },
  );
  return { name, text, own };
}

/** Describes the port for the implementation called `subjectName`. */
export function pauseFlagsSuite(subjectName: string, make: () => FlagsSubject): void {
  describe(`pause flags: ${subjectName}`, () => {
    let subject: FlagsSubject;
    let flags: PauseFlags;

    beforeEach(() => {
      subject = make();
      flags = subject.flags;
    });
    afterEach(() => subject.dispose());

    it('shows an absent flag as absent', () => {
      expect(flags.stat('sandbox')).toEqual({ kind: 'absent' });
    });

    it('shows an empty flag that a person touched', () => {
      subject.touchByHand('sandbox');
      expect(flags.stat('sandbox')).toMatchObject({ kind: 'present', path: flags.path('sandbox'), text: '' });
    });

    it('pauses the project whose flag is there and no other', () => {
      subject.touchByHand('sandbox');
      expect(isProjectPaused('sandbox' as ProjectId, (name) => flags.stat(name))).toBe(true);
      expect(isProjectPaused('demo' as ProjectId, (name) => flags.stat(name))).toBe(false);
    });

    it('sees a removal at the next look', () => {
      subject.touchByHand('sandbox');
      subject.removeByHand('sandbox');
      expect(flags.stat('sandbox')).toEqual({ kind: 'absent' });
    });

    it('writes a flag and answers its path and mtime as a look shows them', async () => {
      const touched = await flags.touchPauseFlag(draft(flags, 'sandbox'));
      const { mtimeNs } = touched;
      expect(touched).toEqual({ kind: 'written', path: flags.path('sandbox'), mtimeNs, existed: false });
      expect(flags.stat('sandbox')).toMatchObject({ kind: 'present', path: touched.path, mtimeNs });
      expect(flags.names()).toEqual({ kind: 'read', names: ['sandbox'] });
    });

    it('knows its own flag when the same write is done again', async () => {
      const first = await flags.touchPauseFlag(draft(flags, 'sandbox'));
      expect(await flags.touchPauseFlag(draft(flags, 'sandbox'))).toEqual({ ...first, existed: true });
    });

    it.each(['another incident', 'another instant', 'a person'])('leaves a flag that came from %s', async (who) => {
      if (who === 'a person') {
        subject.touchByHand('sandbox');
      } else {
        const own = who === 'another incident' ? { incident: 'i0', stampAt: STAMP } : { incident: 'i1', stampAt: 1000 };
        await flags.touchPauseFlag(draft(flags, 'sandbox', own));
      }
      const before = flags.stat('sandbox');
      expect(await flags.touchPauseFlag(draft(flags, 'sandbox'))).toMatchObject({ kind: 'foreign' });
      expect(flags.stat('sandbox')).toEqual(before);
    });

    it('leaves a flag of ours that a person touched later', async () => {
      await flags.touchPauseFlag(draft(flags, 'sandbox'));
      subject.touchByHand('sandbox');
      expect(await flags.touchPauseFlag(draft(flags, 'sandbox'))).toMatchObject({ kind: 'foreign' });
    });

    it("never takes a person's flag for its own", async () => {
      const asked = draft(flags, 'sandbox', null);
      expect(await flags.touchPauseFlag(asked)).toMatchObject({ kind: 'written', existed: false });
      expect(await flags.touchPauseFlag(asked)).toMatchObject({ kind: 'foreign' });
    });

    it('removes the flag that was meant', async () => {
      const { mtimeNs } = await flags.touchPauseFlag(draft(flags, 'sandbox'));
      expect(await flags.removePauseFlag('sandbox', { mtimeNs, incident: 'i1' })).toBe('removed');
      expect(await flags.removePauseFlag('sandbox', { mtimeNs, incident: 'i1' })).toBe('absent');
    });

    it('does not remove a flag with another mtime or incident', async () => {
      const { mtimeNs } = await flags.touchPauseFlag(draft(flags, 'sandbox'));
      expect(await flags.removePauseFlag('sandbox', { mtimeNs, incident: 'i2' })).toBe('not_ours');
      subject.touchByHand('sandbox');
      expect(await flags.removePauseFlag('sandbox', { mtimeNs, incident: 'i1' })).toBe('not_ours');
      expect(flags.stat('sandbox').kind).toBe('present');
    });

    it('removes any flag when that is asked for, and one by its mtime alone', async () => {
      subject.touchByHand('sandbox');
      expect(await flags.removePauseFlag('sandbox', 'any')).toBe('removed');
      subject.touchByHand('sandbox');
      const there = flags.stat('sandbox');
      const mtimeNs = there.kind === 'present' ? there.mtimeNs : '';
      expect(await flags.removePauseFlag('sandbox', { mtimeNs, incident: null })).toBe('removed');
    });

    it('counts a vanished pause_dir as paused for everybody, agents without a project too', () => {
      subject.vanish();
      expect(flags.stat('sandbox').kind).toBe('unknown');
      expect(flags.names().kind).toBe('unknown');
      expect(isProjectPaused(null, (name) => flags.stat(name))).toBe(true);
    });

    it('creates pause_dir when a flag has to be written', async () => {
      subject.vanish();
      await flags.touchPauseFlag(draft(flags, 'sandbox'));
      expect(flags.stat('sandbox').kind).toBe('present');
    });

    it('makes pause_dir on request, also when it is there', () => {
      subject.vanish();
      flags.prepare();
      flags.prepare();
      expect(flags.stat(FACTORY_FLAG)).toEqual({ kind: 'absent' });
    });

    it.each(['', '.', '..', '.hidden', 'a/b', '../up', 'a\0b'])('takes %j for no flag at all', async (name) => {
      expect(flags.stat(name).kind).toBe('unknown');
      await expect(flags.touchPauseFlag({ name, text: '', own: null })).rejects.toMatchObject({ code: 'flag.write' });
      await expect(flags.removePauseFlag(name, 'any')).rejects.toMatchObject({ code: 'flag.remove' });
    });
  });
}
