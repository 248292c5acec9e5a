// What bubblewrap is told: which path is shown how, and that of paths inside each other the deeper one counts.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bubblewrapArguments, type Cage } from '../../src/os/bubblewrap.ts';

const NOTHING: Cage = { writable: [], readable: [], hidden: [], network: true };

/** The mounts in their order: the last one that covers a path is what is seen there. */
function mounts(cage: Cage): readonly { readonly how: string; readonly path: string }[] {
  const words = bubblewrapArguments(cage, '/');
  return words.flatMap((word, at) => {
    const arity = { '--tmpfs': 1, '--bind': 2, '--ro-bind': 2, '--ro-bind-try': 2 }[word];
    return arity === undefined ? [] : [{ how: arity === 1 ? 'empty' : word, path: words[at + arity] ?? '' }];
  });
}

const seenAt = (cage: Cage, path: string): string =>
  mounts(cage).findLast((mount) => mount.path === '/' || path === mount.path || path.startsWith(`${mount.path}/`))
    ?.how ?? '';

describe('the arguments of bubblewrap', () => {
  it('end with the folder and the mark behind which the program stands', () => {
    expect(bubblewrapArguments(NOTHING, '/srv/a b').slice(-3)).toEqual(['--chdir', '/srv/a b', '--']);
  });

  it('give a process view of its own always, and take the network only from whom it is to be taken', () => {
    expect(bubblewrapArguments(NOTHING, '/')).toEqual(expect.arrayContaining(['--unshare-pid', '--cap-drop']));
    expect(bubblewrapArguments(NOTHING, '/')).not.toContain('--unshare-net');
    expect(bubblewrapArguments({ ...NOTHING, network: false }, '/')).toContain('--unshare-net');
  });

  it.each([
    ['/usr/lib', '--ro-bind'],
    ['/tmp/x', 'empty'],
    ['/run/user/0/bus', 'empty'],
    ['/srv/web/src', '--bind'],
    ['/srv/web/.adf/ledger.db', 'empty'],
    ['/srv/web/.adf/workspaces/r1', '--bind'],
    ['/srv/web/.adf/in/r2.1.script', '--ro-bind'],
    ['/etc/adf/token', '--ro-bind'],
  ])('show %s: %s', (path, how) => {
    const cage: Cage = {
      writable: ['/srv/web', '/srv/web/.adf/workspaces/r1'],
      readable: ['/srv/web/.adf/in/r2.1.script'],
      hidden: [
        { path: '/srv/web/.adf', isFolder: true },
        { path: '/etc/adf/token', isFolder: false },
      ],
      network: true,
    };

    expect(seenAt(cage, path)).toBe(how);
    expect(bubblewrapArguments(cage, '/').join(' ')).toContain('--ro-bind /dev/null /etc/adf/token');
  });

  it('let nobody write where nothing writable is nearer than what is hidden', () => {
    const path = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
      .map((parts) => `/${parts.join('/')}`);
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 8 }), fc.nat(8), (paths, cut) => {
        const hidden = paths.slice(0, cut);
        const cage = {
          ...NOTHING,
          hidden: hidden.map((one) => ({ path: one, isFolder: true })),
          writable: paths.slice(cut),
        };
        const nearest = (of: readonly string[], to: string): number =>
          Math.max(0, ...of.filter((one) => to === one || to.startsWith(`${one}/`)).map((one) => one.length));
        for (const one of paths) {
          const isWritable = nearest(cage.writable, one) > nearest(hidden, one);
          expect([one, seenAt(cage, one)]).toEqual([one, isWritable ? '--bind' : 'empty']);
        }
      }),
    );
  });
});
