// How a command is defined: its words for commander, and its work for a session.

import { readFile } from 'node:fs/promises';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { parseBytes } from '../lib/bytes.ts';
import { parseDuration } from '../lib/duration.ts';
import { OperationalError, messageOf } from '../lib/operational-error.ts';
import type { Session } from './session.ts';

/** Carries out a command's work; what it answers is the exit code. */
export type Run = (work: (session: Session) => Promise<number>) => Promise<void>;

/** Gives `command` its arguments, options and action. Every file in commands/ exports one. */
export type Define = (command: Command, run: Run) => void;

/** Adds what every command takes. */
export function withCommon(command: Command): Command {
  return command
    .addOption(new Option('--json', 'print the result as JSON'))
    .addOption(new Option('--config <file>', 'agents.toml to use (default: $ADF_CONFIG, the nearest one upwards)'));
}

/** Adds what every command takes that asks the daemon. */
export function withDaemon(command: Command): Command {
  return withCommon(command).addOption(new Option('--socket <path>', 'control socket of the daemon to ask'));
}

/** The text of a file that an option names; `-` is stdin. `what` is what it should hold. */
export async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path === '-' ? '/dev/stdin' : path, 'utf8');
  } catch (cause) {
    throw new OperationalError('usage', `cannot read the ${what}: ${messageOf(cause)}`, cause);
  }
}

/** An option's value as a length of time in ms. */
export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null || ms === 0) {
    throw new InvalidArgumentError('Write a length of time like 90s, 10m or 1h30m.');
  }
  return ms;
}

/** An option's value as a size in bytes. */
export function size(text: string): number {
  const bytes = parseBytes(text);
  if (bytes === null || bytes === 0) {
    throw new InvalidArgumentError('Write a size like 256MiB or 2GiB.');
  }
  return bytes;
}

/** An option's value as a whole number from 1 to `limit`. */
export function count(limit: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (value < 1 || value > limit) {
      throw new InvalidArgumentError(`Write a whole number from 1 to ${limit}.`);
    }
    return value;
  };
}
