// Makes the settings of alerts, channels and the model out of checked tables.

import type { AlertRule } from '../core/alert/alert.ts';
import type { AlertSettings } from '../core/alert/settings.ts';
import type { AiAccess, AutoRemediate, ChannelAccess } from '../core/fleet.ts';
import type { Entries, Entry } from './collect.ts';
import type { AiInput } from './schema/ai.ts';
import type { AlertsInput, AutoRemediateInput, ChannelInput } from './schema/alerts.ts';
import { secretFileOf } from './secret-place.ts';

/** Everything that `entries`, which must hold no error, say about alerts. */
export function buildAlerts(entries: Entries): {
  readonly alerts: AlertSettings;
  readonly channels: readonly ChannelAccess[];
  readonly ai: AiAccess | null;
  readonly autoRemediate: AutoRemediate;
} {
  return {
    alerts: settingsOf(entries.alerts.values as AlertsInput),
    channels: entries.channels.map(channelOf),
    ai: entries.ai === null ? null : aiOf(entries.ai),
    autoRemediate: remediesOf(entries.autoRemediate.values as AutoRemediateInput),
  };
}

function settingsOf(values: AlertsInput): AlertSettings {
  return {
    enabled: values.enabled,
    intervalMs: values.analysis_interval_secs,
    channels: values.channels ?? null,
    agentDownMs: values.agent_down_after,
    restarts: values.restart_storm,
    errors: values.error_burst,
    budgetPercent: values.budget_percent,
    driftMs: values.drift_after,
    lagMs: values.scheduler_lag,
  };
}

function channelOf(entry: Entry<ChannelInput>): ChannelAccess {
  const { name, kind, url, url_file, secret_file } = entry.values as ChannelInput;
  return { name, kind, url: url ?? null, urlFile: fileOf(entry, url_file), secretFile: fileOf(entry, secret_file) };
}

/** Without an endpoint or without a model there is nobody to ask. */
function aiOf(entry: Entry<AiInput>): AiAccess | null {
  const { provider, endpoint, model, api_key_file, daily_tokens } = entry.values as AiInput;
  return endpoint === undefined || model === undefined
    ? null
    : {
        provider,
        endpoint: endpoint.replace(/\/+$/, ''),
        model,
        apiKeyFile: fileOf(entry, api_key_file),
        dailyTokens: daily_tokens,
      };
}

function remediesOf({ max_per_day, ...allowed }: AutoRemediateInput): AutoRemediate {
  return { allowed: allowed satisfies Record<AlertRule, unknown>, maxPerDay: max_per_day };
}

function fileOf(entry: Entry<unknown>, file: string | undefined): string | null {
  return file === undefined ? null : secretFileOf(entry, file);
}
