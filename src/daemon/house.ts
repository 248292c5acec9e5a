// Everything that the services of the daemon are given; each says with Pick<House, …> what it needs.

import type { AgentDefinition, Fleet, Project } from '../core/fleet.ts';
import type { AgentKey } from '../core/ids.ts';
import type { MeterOrder } from '../core/metering/order.ts';
import type { Digest } from '../core/reconcile/canonical.ts';
import { hasAddressList } from '../core/sandbox/sandbox.ts';
import type { AgentDriver } from '../ports/agent-driver.ts';
import type { Channel } from '../ports/channel.ts';
import type { Clock } from '../ports/clock.ts';
import type { ExecutionHost } from '../ports/execution-host.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { MachineLook } from '../ports/machine-look.ts';
import type { Model } from '../ports/model.ts';
import type { PauseFlags } from '../ports/pause-flags.ts';
import type { RunFiles } from '../ports/run-files.ts';
import type { SecretValues } from '../ports/secret-values.ts';
import type { SilenceNotes } from '../ports/silence-notes.ts';
import type { Tracker } from '../ports/tracker.ts';
import type { Zone } from '../core/trigger/zone.ts';
import type { Feed } from './feed.ts';

/** The composition of one daemon. */
export interface House {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly host: ExecutionHost;
  /** The flags in the pause_dir in force. */
  readonly pauseFlags: { readonly now: PauseFlags };
  readonly tracker: Tracker;
  readonly alerting: AlertingOutside;
  /** Time zones by IANA name. */
  readonly zones: (name: string) => Zone;
  readonly feed: Feed;
  readonly fleet: FleetInForce;
  readonly files: RunFiles;
  readonly driverFor: (cliTool: string) => AgentDriver;
  /** The variables that make the host start a meter with this order beside an agent. */
  readonly meter: (order: MeterOrder) => Readonly<Record<string, string>>;
  /** What only the machine can say; read before each pass, never cached by the caller. */
  readonly machine: MachineLook;
  /** What the dead-man noted. */
  readonly silences: SilenceNotes;
  readonly chance: Chance;
  /** A short name for a text, always the same one. */
  readonly digest: Digest;
  readonly boot: { readonly bootId: string; readonly pid: number; readonly version: string };
  /** Variables of the daemon's environment that agents may be given (`env_pass` and the short safe list). */
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: SecretValues;
}

/** Who is told of alerts, and who explains them, as agents.toml has it now. */
export interface AlertingOutside {
  /** The channel called `name`; null: there is none, or it is the tracker. */
  channel(name: string): Channel | null;
  /** The model of [ai]; null: nobody explains alerts. */
  readonly model: Model | null;
}

/** Randomness as an argument. */
export interface Chance {
  /** In [0, 1). */
  random(): number;
  uuid(): string;
}

/** The fleet in force; replaced by a reload, read afresh by every decision. */
export class FleetInForce {
  #fleet: Fleet;
  #byKey: ReadonlyMap<AgentKey, AgentDefinition> = new Map();
  #kernel = false;
  #sandbox = false;
  #addresses = false;
  #byId: ReadonlyMap<string | null, Project> = new Map();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
    this.replace(fleet);
  }

  get now(): Fleet {
    return this.#fleet;
  }

  replace(fleet: Fleet): void {
    this.#fleet = fleet;
    this.#byKey = new Map(fleet.agents.map((agent) => [agent.key, agent]));
    this.#byId = new Map(fleet.projects.map((project) => [project.id, project]));
    this.#sandbox = fleet.agents.some((agent) => agent.sandbox !== 'off');
    this.#addresses = fleet.agents.some(hasAddressList);
    this.#kernel =
      fleet.factory.enforcement === 'kernel' || fleet.agents.some((agent) => agent.enforcement === 'kernel');
  }

  /** Some run must be held by the kernel: worth asking the host how it would hold one. */
  get demandsKernel(): boolean {
    return this.#kernel;
  }

  /** Some agent has a sandbox: worth asking the host what it can hold. */
  get demandsSandbox(): boolean {
    return this.#sandbox;
  }

  /** Some agent may speak to some addresses alone: worth trying whether that can be held. */
  get demandsAddresses(): boolean {
    return this.#addresses;
  }

  agent(key: AgentKey): AgentDefinition | null {
    return this.#byKey.get(key) ?? null;
  }

  project(id: string | null): Project | null {
    return this.#byId.get(id) ?? null;
  }
}
