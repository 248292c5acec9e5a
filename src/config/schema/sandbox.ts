// The keys that close the machine to an agent; a project says them for its agents, the factory for all.

import { defaulted, optional } from '../key.ts';
import { addresses, choice } from '../kinds.ts';

const level = (): ReturnType<typeof choice<['off', 'standard', 'strict']>> => choice(['off', 'standard', 'strict']);

/** `sandbox` of the factory. */
export const factorySandbox = {
  sandbox: defaulted(level(), 'off', {
    means: 'Sandbox of agents that name none, nor does their project; "standard" where adf install wrote this file.',
    example: '"standard"',
  }),
};

/** `sandbox` of a project. */
export const projectSandbox = {
  sandbox: optional(level(), {
    means: 'Sandbox of its agents that name none.',
    default: "the factory's",
    example: '"standard"',
  }),
};

/** Keys of an agent. */
export const agentSandbox = {
  sandbox: optional(level(), {
    means:
      '"standard": reads the system, writes its home and workspace, reaches nothing of the factory or of other projects. "strict": no network either. Where it cannot be had nothing is started.',
    default: "the project's, else the factory's",
    example: '"standard"',
  }),
  allowed_addresses: defaulted(addresses(), [], {
    means: 'Networks that it may speak to in a strict sandbox; by systemd only.',
    example: '["10.0.0.0/8"]',
  }),
};
