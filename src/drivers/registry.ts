// Finds the driver for what agents.toml calls `cli_tool`.

import type { AgentDriver } from '../ports/agent-driver.ts';
import { claudeDriver } from './claude/driver.ts';
import { codexDriver } from './codex/driver.ts';
import { execDriver } from './exec/driver.ts';
import { geminiDriver } from './gemini/driver.ts';
import { opencodeDriver } from './opencode/driver.ts';
import { qwenDriver } from './qwen/driver.ts';

/** Every driver, `exec` last: it takes what no other one knows. */
export const DRIVERS: readonly AgentDriver[] = [
  claudeDriver,
  codexDriver,
  opencodeDriver,
  geminiDriver,
  qwenDriver,
  execDriver,
];

/** Names that `cli_tool` may hold for a driver, for configuration and completion. */
export const DRIVER_NAMES: readonly string[] = DRIVERS.map(({ name }) => name);

/**
 * The driver for `cliTool`: the one of that name, also when it stands at the end of a path (`/opt/a/bin/claude` is
 * claude, of that version); any other program is run by `exec`.
 */
export function driverFor(cliTool: string): AgentDriver {
  const name = cliTool.slice(cliTool.lastIndexOf('/') + 1);
  return DRIVERS.find((driver) => driver.name === name) ?? execDriver;
}
