// Which driver a cli_tool gets.

import { describe, expect, it } from 'vitest';

import { driverFor } from '../../src/drivers/registry.ts';

describe('the driver for a cli_tool', () => {
  it.each([
    ['bash', 'exec'],
    ['/usr/bin/git', 'exec'],
    ['exec', 'exec'],
  ])('%s is %s', (cliTool, name) => {
    expect(driverFor(cliTool).name).toBe(name);
  });
});
