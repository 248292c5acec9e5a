// What the machine's service manager is told of a sandbox.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sandboxProperties } from '../../../src/adapters/systemd/sandbox-properties.ts';
import type { Sandbox } from '../../../src/core/sandbox/sandbox.ts';

const PLAIN: Sandbox = {
  level: 'standard',
  writable: ['/srv/web'],
  readable: [],
  hidden: ['/var/lib/adf'],
  addresses: null,
};
const PLACE = { home: '/var/lib/adf-agent', records: '/var/lib/adf/systemd' };
const NO_HOME = { ...PLACE, home: '/' };

/** The last value of one property; null: it is not there. */
const valueOf = (properties: readonly string[], name: string): string | null =>
  properties.findLast((property) => property.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;

const pathsOf = (properties: readonly string[], name: string): readonly string[] =>
  [...(valueOf(properties, name) ?? '').matchAll(/"(-?)([^"]*)"/g)].map(([, , path = '']) => path.replace(/:ro$/, ''));

describe('the sandbox of a unit', () => {
  it('standard: closes the system, and keeps home and workspace writable and the network open', () => {
    const properties = sandboxProperties(PLAIN, PLACE);

    expect(properties).toEqual(
      expect.arrayContaining(['ProtectSystem=strict', 'PrivateTmp=yes', 'NoNewPrivileges=yes']),
    );
    expect(valueOf(properties, 'ReadWritePaths')).toBe('"-/var/lib/adf-agent" "-/srv/web"');
    expect(valueOf(properties, 'InaccessiblePaths')).toBe('"-/var/lib/adf"');
    expect(properties.filter((property) => /^(?:PrivateNetwork|IPAddress)/.test(property))).toEqual([]);
  });

  it.each([
    [[], ['PrivateNetwork=yes']],
    [
      ['10.0.0.0/8', '::1'],
      ['IPAddressDeny=any', 'IPAddressAllow=10.0.0.0/8 ::1'],
    ],
  ])('strict with addresses %j: %j', (addresses, expected) => {
    const properties = sandboxProperties({ ...PLAIN, level: 'strict', addresses }, PLACE);

    expect(properties.filter((property) => /^(?:PrivateNetwork|IPAddress)/.test(property))).toEqual(expected);
  });

  it.each(['standard', 'strict'] as const)('%s: closes what belongs to neighbours of the same user', (level) => {
    expect(sandboxProperties({ ...PLAIN, level }, PLACE)).toEqual(
      expect.arrayContaining(['PrivateUsers=yes', 'ProtectProc=ptraceable', 'TemporaryFileSystem=/dev/shm:mode=1777']),
    );
  });

  // What a reload of the manager makes of it would keep the end of an attempt from being recorded.
  it.each(['standard', 'strict'] as const)('%s: says nothing in percent', (level) => {
    expect(sandboxProperties({ ...PLAIN, level }, PLACE).filter((property) => property.includes('%'))).toEqual([]);
  });

  it('shows what lies in a hidden folder, records too, and binds what lies where /tmp is another one', () => {
    const properties = sandboxProperties(
      { ...PLAIN, writable: ['/var/lib/adf/workspaces/r1', '/tmp/web'], readable: ['/var/lib/adf/in/r1', '/etc/x'] },
      NO_HOME,
    );

    expect(valueOf(properties, 'TemporaryFileSystem')).toBe('"/var/lib/adf:ro"');
    expect(valueOf(properties, 'BindPaths')).toBe('"-/var/lib/adf/workspaces/r1" "-/tmp/web" "-/var/lib/adf/systemd"');
    expect(valueOf(properties, 'BindReadOnlyPaths')).toBe('"-/var/lib/adf/in/r1"');
    expect(valueOf(properties, 'InaccessiblePaths')).toBeNull();
    expect(valueOf(properties, 'ReadWritePaths')).toBeNull();
  });

  it('keeps a home open in which another project works', () => {
    const properties = sandboxProperties({ ...PLAIN, hidden: [PLACE.home, '/srv/api'] }, PLACE);

    expect(valueOf(properties, 'InaccessiblePaths')).toBe('"-/srv/api"');
  });

  it('quotes paths', () => {
    const { length } = sandboxProperties(PLAIN, PLACE);
    const odd = sandboxProperties({ ...PLAIN, hidden: ['/a b"c\\d'] }, PLACE);

    expect(odd).toHaveLength(length);
    expect(valueOf(odd, 'InaccessiblePaths')).toBe('"-/a b\\"c\\\\d"');
  });

  it('covers each hidden path once and grants each writable one once, however they lie in each other', () => {
    const path = fc
      .array(fc.constantFrom('a', 'b', 'tmp'), { minLength: 1, maxLength: 4 })
      .map((parts) => `/${parts.join('/')}`);
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 8 }), fc.nat(8), (paths, cut) => {
        const [hidden, writable] = [paths.slice(0, cut), paths.slice(cut)];
        const properties = sandboxProperties({ ...PLAIN, hidden, writable }, NO_HOME);

        const covered = ['InaccessiblePaths', 'TemporaryFileSystem'].flatMap((name) => pathsOf(properties, name));
        const granted = ['ReadWritePaths', 'BindPaths'].flatMap((name) => pathsOf(properties, name));
        expect(covered.toSorted()).toEqual(hidden.toSorted());
        expect(granted.toSorted()).toEqual(writable.toSorted());
        const closed = pathsOf(properties, 'InaccessiblePaths');
        expect(granted.filter((one) => closed.some((outer) => one.startsWith(`${outer}/`)))).toEqual([]);
      }),
    );
  });
});
