// A factory whose breaker can be tripped by hand, so that there is something to tell of at once.

import type { AlertDetail, AlertView } from '../../src/ports/alert-views.ts';
import type { ControlRefusal } from '../../src/ports/control.ts';
import { DaemonRig } from './daemon-rig.ts';
import type { RigInput } from './daemon-rig.ts';

/** A project with an agent that runs when asked; `more` stands at the end. */
export function alertFleet(more = ''): string {
  return `
[[projects]]
id = "web"
working_dir = "/repo"

[[agents]]
name = "steward"
project = "web"
layer = "Growth"
cli_tool = "sh"
task = "true"
${more}`;
}

export const AI = '\n[ai]\nendpoint = "http://127.0.0.1:9/v1"\nmodel = "fake-1"\n';
export const CHANNELS = `
[[channels]]
name = "ops"
kind = "webhook"
url = "https://alerts.example.org/adf"
secret_file = "/etc/adf/webhook"

[[channels]]
name = "chat"
kind = "slack"
url_file = "/etc/adf/slack"
`;

/** A rig on `toml`; what is in `over` wins. */
export async function startAlertRig(toml: string, over: Partial<RigInput> = {}): Promise<DaemonRig> {
  return DaemonRig.start({ toml, ...over });
}

/** The breaker of web opens. */
export async function trip(rig: DaemonRig): Promise<void> {
  await rig.command(async (control) => control.breaker('web', 'trip', { by: 'alex', reason: 'for a test' }));
}

/** The breaker of web is reset. */
export async function reset(rig: DaemonRig): Promise<void> {
  await rig.command(async (control) => control.breaker('web', 'reset', { by: 'alex', reason: '' }));
}

/** Looks for alerts `count` times. */
export async function look(rig: DaemonRig, count = 1): Promise<void> {
  await rig.pass(count * rig.fleet.now.alerts.intervalMs);
}

/** `adf alerts list`. */
export async function listed(rig: DaemonRig, all = false): Promise<readonly AlertView[]> {
  return (await rig.command(async (control) => control.alerts({ all, limit: 100 }))) ?? [];
}

/** `adf alerts show`. */
export async function shown(rig: DaemonRig, id = 'a1'): Promise<AlertDetail> {
  return detailOf(await rig.command(async (control) => control.alert(id)));
}

/** An answer that must not be a refusal. */
export function detailOf(answer: AlertDetail | ControlRefusal | null): AlertDetail {
  if (answer === null || 'refused' in answer) {
    throw new Error(`refused: ${JSON.stringify(answer)}`);
  }
  return answer;
}
