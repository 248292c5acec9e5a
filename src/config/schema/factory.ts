// `[factory]`: what holds for the whole fleet.

import * as z from 'zod';

import { defaulted, optional } from '../key.ts';
import { choice, duration, flag, name, path, size, text, whole } from '../kinds.ts';
import { factorySandbox } from './sandbox.ts';

/** The table `[factory]`. */
export const factorySchema = z.strictObject({
  name: defaulted(name(), 'dark-factory', {
    means: 'Name of this factory in messages and issues.',
    example: '"build1"',
  }),
  environment: defaulted(name(), 'production', {
    means: 'Environment that this fleet is for; the same agent of another environment is another agent to adf apply.',
    example: '"staging"',
  }),
  state_dir: optional(path(), {
    means: 'Folder of the ledger, the output of runs and the control socket.',
    default: '$STATE_DIRECTORY of the service, else ".adf" beside this file',
    example: '"/var/lib/dark-factory"',
  }),
  pause_dir: optional(path(), {
    means: 'Folder of the pause flags: a file named like a project pauses it, whatever it contains.',
    default: '<state_dir>/pause',
    example: '"/var/lib/adf-pause"',
  }),
  socket: optional(path(), {
    means: 'Path of the control socket.',
    default: 'adf.sock in the runtime folder of the service, else in state_dir',
    example: '"/run/dark-factory/adf.sock"',
  }),
  persona_dir: optional(path(), {
    means: 'Folder of personas: `persona = "Ferrox"` is the file Ferrox.md in it.',
    example: '"personas"',
  }),
  skill_dir: optional(path(), {
    means: 'Folder of skills: a skill "review" is the file review/SKILL.md or review.md in it.',
    example: '"skills"',
  }),
  watch_config: defaulted(flag(), false, {
    means: 'Put this file into force by itself when it has changed, with the same guardrails as adf reload.',
    example: 'true',
  }),
  timezone: defaulted(text(), 'UTC', {
    means: 'IANA time zone of all schedules that name no other.',
    example: '"Europe/Berlin"',
  }),
  max_concurrent_agents: optional(whole(1, 10_000), {
    means: 'How many runs may be alive at once in the whole factory.',
    default: 'two per processor core, at most one per GiB of memory, at least 2',
    example: '8',
  }),
  max_waiting: defaulted(whole(1, 100_000), 100, {
    means: 'How many requests of one agent may wait; more are refused at once.',
    example: '20',
  }),
  queue_timeout: defaulted(duration({ min: '1s', max: '30d' }), '1h', {
    means: 'How long a request by operator, event or retry waits before it is refused.',
    example: '"30m"',
  }),
  host: defaulted(choice(['auto', 'keeper', 'systemd']), 'auto', {
    means:
      '"systemd" gives each run a unit of its own, with limits by the kernel (as root, or with a user manager); "keeper" a process of ours; "auto" is systemd where the factory itself is a service of it.',
    example: '"systemd"',
  }),
  enforcement: defaulted(choice(['any', 'kernel']), 'any', {
    means:
      '"kernel" refuses runs whose limits the kernel cannot hold; "any" accepts limits held by sampling, labelled so.',
    example: '"kernel"',
  }),
  ...factorySandbox,
  disk_free_floor: defaulted(size({ min: '0B', max: '1024TiB' }), '1GiB', {
    means: 'Free space of the state folder below which nothing new is started.',
    example: '"5GiB"',
  }),
  inodes_free_floor: defaulted(whole(0, 1_000_000_000), 10_000, {
    means: 'How many more files there must be room for; fewer, and nothing new is started.',
    example: '100000',
  }),
  workspace_dir: optional(path(), {
    means:
      'Folder of the workspaces that runs are given; where agents have a user of their own it must lie outside state_dir.',
    default: '<state_dir>/workspaces',
    example: '"/var/lib/adf-workspaces"',
  }),
  workspace_retention: defaulted(duration({ min: '0s', max: '365d' }), '7d', {
    means: 'How long the folder of a failed run, or of any copy, is kept; committed work stays on its branch for ever.',
    example: '"2d"',
  }),
  workspace_max_total: defaulted(size({ min: '0B', max: '1024TiB' }), '20GiB', {
    means: 'Room that kept workspaces may take together; above it the oldest go.',
    example: '"100GiB"',
  }),
  memory_pressure_percent: defaulted(whole(1, 100), 20, {
    means:
      'Nothing new is started while everything that runs has stood still for want of memory for more than this share of the last ten seconds; 100 never holds.',
    example: '40',
  }),
  cpu_pressure_percent: defaulted(whole(1, 100), 100, {
    means:
      'The same where anything stood still for want of a processor; 100 never holds, since agents mostly wait for a model.',
    example: '90',
  }),
  mass_death_hold: defaulted(duration({ min: '0s', max: '1h' }), '1m', {
    means: 'How long nothing new is started after three runs were killed within 30 s and not by us; 0 holds nothing.',
    example: '"5m"',
  }),
  drain_timeout: optional(duration({ min: '0s', max: '1d' }), {
    means: 'How long running agents are given when the factory drains.',
    default: '"15s" in the foreground, "2m" as a service',
    example: '"1m"',
  }),
  reset_skew: defaulted(duration({ min: '0s', max: '1h' }), '1m', {
    means: 'How long after its announced reset an account is asked again.',
    example: '"5m"',
  }),
  retention_runs: defaulted(duration({ min: '1d', max: '3650d' }), '400d', {
    means: 'How long records of runs are kept.',
    example: '"90d"',
  }),
  retention_logs: defaulted(duration({ min: '1h', max: '3650d' }), '30d', {
    means: 'How long the output of runs is kept.',
    example: '"7d"',
  }),
});

/** `[factory]` after its checks. */
export type FactoryInput = z.output<typeof factorySchema>;
