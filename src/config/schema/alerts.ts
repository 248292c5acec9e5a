// `[alerts]`, `[[channels]]` and `[auto_remediate]`: what is watched, who is told, and what may happen by itself.

import * as z from 'zod';

import { AUTOMATIC_REMEDIES } from '../../core/alert/remedy.ts';
import { defaulted, optional, required } from '../key.ts';
import { choice, choices, duration, flag, name, names, secretFile, url, whole } from '../kinds.ts';

/** The table `[alerts]`. */
export const alertsSchema = z.strictObject({
  enabled: defaulted(flag(), true, { means: 'Whether anything is watched for alerts at all.', example: 'false' }),
  analysis_interval_secs: defaulted(duration({ min: '1s', max: '1h', unit: 'seconds' }), 30, {
    means: 'Time between two looks for alerts.',
    example: '60',
  }),
  channels: optional(names(), {
    means: 'Which of the [[channels]] are told.',
    default: 'all of them',
    example: '["ops"]',
  }),
  agent_down_after: defaulted(duration({ min: '0s', max: '1d' }), '2m', {
    means: 'How long an agent that is always wanted may be missing.',
    example: '"5m"',
  }),
  restart_storm: defaulted(whole(1, 1000), 5, {
    means: 'So many restarts of an agent within an hour are an alert.',
    example: '8',
  }),
  error_burst: defaulted(whole(1, 100_000), 5, {
    means: 'So many failures of an agent within an hour are an alert.',
    example: '20',
  }),
  budget_percent: defaulted(whole(1, 100), 80, {
    means: 'From this share of a budget on its end is an alert.',
    example: '90',
  }),
  drift_after: defaulted(duration({ min: '1s', max: '30d' }), '15m', {
    means: 'How long agents.toml may differ from what is in force.',
    example: '"1h"',
  }),
  scheduler_lag: defaulted(duration({ min: '1s', max: '1h' }), '5s', {
    means: 'A pass of the scheduler that comes so late is an alert.',
    example: '"30s"',
  }),
});

/** `[alerts]` after its checks. */
export type AlertsInput = z.output<typeof alertsSchema>;

/** The list `[[channels]]`. */
export const channelSchema = z.strictObject({
  name: required(name(), { means: 'Name of the channel, unique.', example: '"ops"' }),
  kind: required(choice(['webhook', 'slack', 'tracker']), {
    means: 'A signed POST, a message in Slack, or an issue where escalations go.',
    example: '"webhook"',
  }),
  url: optional(url(), {
    means: 'Address of a webhook.',
    example: '"https://alerts.example.org/adf"',
  }),
  url_file: optional(secretFile(), {
    means: 'File that holds the address (mode 0600), where that is a secret: each of Slack is.',
    example: '"/etc/adf/slack-url"',
  }),
  secret_file: optional(secretFile(), {
    means: 'File that holds the key with which a webhook is signed (HMAC-SHA-256; mode 0600).',
    example: '"/etc/adf/webhook-secret"',
  }),
});

/** `[[channels]]` after its checks. */
export type ChannelInput = z.output<typeof channelSchema>;

const allowed = (when: string) =>
  defaulted(choices(AUTOMATIC_REMEDIES), [], {
    means: `Which suggestions for ${when} are carried out without a person.`,
    example: '["release_agent"]',
  });

/** The table `[auto_remediate]`. */
export const autoRemediateSchema = z.strictObject({
  agent_down: allowed('an agent that is down'),
  restart_storm: allowed('a restart storm'),
  error_burst: allowed('an error burst'),
  breaker_open: allowed('an open breaker'),
  flag_unwritable: allowed('a pause flag that cannot be written'),
  budget_near: allowed('a budget that is nearly spent'),
  disk_low: allowed('a full disk'),
  drift_old: allowed('an agents.toml that was not put into force'),
  scheduler_lag: allowed('a late scheduler'),
  max_per_day: defaulted(whole(1, 1000), 10, {
    means: 'How many suggestions are carried out without a person within 24 hours.',
    example: '3',
  }),
});

/** `[auto_remediate]` after its checks. */
export type AutoRemediateInput = z.output<typeof autoRemediateSchema>;
