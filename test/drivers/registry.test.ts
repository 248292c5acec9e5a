// Which driver a cli_tool gets.

import { describe, expect, it } from 'vitest';

import { DRIVERS, driverFor } from '../../src/drivers/registry.ts';

describe('the driver for a cli_tool', () => {
  it.each([
    ['bash', 'exec'],
    ['/usr/bin/git', 'exec'],
    ['exec', 'exec'],
  ])('%s is %s', (cliTool, name) => {
    expect(driverFor(cliTool).name).toBe(name);
  });
});

describe('where a login is kept', () => {
  const home = { HOME: '/home/a' };
  it.each([
    ['claude', home, ['/home/a/.claude/.credentials.json']],
    ['claude', { ...home, CLAUDE_CONFIG_DIR: '/srv/one' }, ['/srv/one/.credentials.json']],
    ['codex', { CODEX_HOME: '/srv/two' }, ['/srv/two/auth.json']],
    ['opencode', home, ['/home/a/.local/share/opencode/auth.json', '/home/a/.config/opencode/opencode.json']],
    ['gemini', home, ['/home/a/.gemini/oauth_creds.json']],
    ['qwen', home, ['/home/a/.qwen/oauth_creds.json']],
    ['qwen', { QWEN_HOME: '/q', HOME: '/home/eva' }, ['/q/oauth_creds.json']],
    ['gemini', { GEMINI_CLI_HOME: '/g', HOME: '/home/eva' }, ['/g/.gemini/oauth_creds.json']],
    ['claude', {}, []],
    ['gemini', {}, []],
  ] as const)('%s with %j', (cli, env, files) => {
    expect(driverFor(cli).credentialFiles?.(env)).toEqual(files);
  });

  it.each(DRIVERS.map(({ name }) => name).filter((name) => name !== 'exec'))(
    '%s has a variable that moves it to a folder of its own',
    (cli) => {
      const { loginVariable = '', credentialFiles } = driverFor(cli);
      expect(credentialFiles?.({ ...home, [loginVariable]: '/srv/login' })[0]).toMatch(/^\/srv\/login\//);
    },
  );

  it('is nobody’s question for a program', () => {
    expect(driverFor('sh').credentialFiles).toBeUndefined();
  });
});
