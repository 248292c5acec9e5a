// Whether a list of addresses holds is tried, and only what holds is believed for good.

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AddressFilter } from '../../../src/adapters/systemd/address-filter.ts';
import { ServiceManager } from '../../../src/adapters/systemd/service-manager.ts';

let dir = '';
let now = 0;
let filter: AddressFilter;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-filter-'));
  now = 0;
  filter = new AddressFilter(new ServiceManager('system', { PATH: `${dir}:/usr/bin:/bin` }, dir), () => now);
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

/** What `systemd-run` does. */
function manager(script: string): void {
  writeFileSync(join(dir, 'systemd-run'), `#!/bin/sh\necho asked >>${dir}/asked\n${script}\n`);
  chmodSync(join(dir, 'systemd-run'), 0o755);
}

const timesAsked = (): number => readFileSync(join(dir, 'asked'), 'utf8').split('\n').length - 1;

describe('the filter of addresses', () => {
  it('does not hold where what is tried gets through, as without a filter', async () => {
    manager('while [ "$1" != -- ]; do shift; done; shift; exec "$@"');
    expect(await filter.lack()).toMatch(/^this kernel does not filter addresses .*: boot one with CONFIG_CGROUP_BPF/);
  });

  it('is not believed to hold where nobody can say', async () => {
    manager('echo "Failed to start transient service unit" >&2; exit 1');
    expect(await filter.lack()).toMatch(/failed \(Failed to start transient service unit\): see journalctl/);
  });

  it('that holds is tried once', async () => {
    manager('exit 0');
    expect(await Promise.all([filter.lack(), filter.lack()])).toEqual([null, null]);
    now = 1e9;
    expect([await filter.lack(), timesAsked()]).toEqual([null, 1]);
  });

  it('that does not hold is tried again after a minute', async () => {
    manager('exit 3');
    await filter.lack();
    now = 59_999;
    await filter.lack();
    expect(timesAsked()).toBe(1);
    now = 60_000;
    manager('exit 0');
    expect([await filter.lack(), timesAsked()]).toEqual([null, 2]);
  });
});
