// How each CLI is pointed at the mock model: an agent of agents.toml, and the settings that it finds in its home.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { CliName } from './expectations.ts';

/** One agent of the kit. */
export interface KitAgent {
  readonly name: string;
  readonly program: string;
  readonly workingDir: string;
  readonly home: string;
  /** Its TMPDIR; codex refuses a home below it. */
  readonly tmp: string;
  /** Base URL of the model. */
  readonly url: string;
  /** It asks for a model that our list has a price for. */
  readonly priced?: boolean;
  /** Further keys of agents.toml, as written there. */
  readonly more: string;
  /** Whose plan it uses; its own, unless named: an account that one scenario has refused must not hold the others. */
  readonly account?: string;
  /** Claude alone: a login of a subscription instead of a key. */
  readonly isSubscription?: boolean;
}

interface Cli {
  readonly model: string;
  /** One that our list has a price for. */
  readonly priced: string;
  readonly env: (agent: KitAgent) => Readonly<Record<string, string>>;
  readonly args: (agent: KitAgent) => readonly string[];
  /** Lines of agents.toml that let it use its tools. */
  readonly permissions: string;
  /** Files in its home. */
  readonly files: Readonly<Record<string, object>>;
}

const PRICES = { input: 3, output: 15, cache_read: 0.3 };

function opencodeConfig(url: string): object {
  const model = { limit: { context: 200_000, output: 8192 }, cost: PRICES };
  return {
    autoupdate: false,
    share: 'disabled',
    small_model: 'mock/mock-1',
    enabled_providers: ['mock'],
    provider: {
      mock: {
        npm: '@ai-sdk/openai-compatible',
        options: { baseURL: `${url}/v1`, apiKey: 'any' },
        models: { 'mock-1': model, 'gpt-5.1': model },
      },
    },
  };
}

function codexProvider(url: string): readonly string[] {
  const provider = {
    name: '"mock"',
    base_url: JSON.stringify(`${url}/v1`),
    env_key: '"MOCK_API_KEY"',
    wire_api: '"responses"',
    request_max_retries: '1',
    stream_max_retries: '1',
  };
  const settings = Object.entries(provider).map(([key, value]) => `model_providers.mock.${key}=${value}`);
  const offline = ['features.plugins=false', 'features.apps=false', 'web_search=disabled'];
  return ['model_provider=mock', ...settings, ...offline].flatMap((setting) => ['-c', setting]);
}

const CLIS: Readonly<Record<CliName, Cli>> = {
  claude: {
    model: 'claude-sonnet-4-5',
    priced: 'claude-sonnet-4-5',
    env: ({ url, isSubscription }) => ({
      ANTHROPIC_BASE_URL: url,
      [isSubscription === true ? 'CLAUDE_CODE_OAUTH_TOKEN' : 'ANTHROPIC_API_KEY']: 'any',
      CLAUDE_CODE_MAX_RETRIES: '1',
    }),
    args: () => [],
    permissions: 'allowed_tools = ["Bash", "Write"]',
    files: {},
  },
  codex: {
    model: 'mock-1',
    priced: 'gpt-5.1',
    env: ({ home }) => ({ CODEX_HOME: join(home, '.codex'), MOCK_API_KEY: 'any' }),
    args: ({ url }) => codexProvider(url),
    permissions: 'permission_mode = "bypass"',
    files: { '.codex/version.json': {} },
  },
  opencode: {
    model: 'mock/mock-1',
    priced: 'mock/gpt-5.1',
    env: ({ url }) => ({
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
      OPENCODE_CONFIG_CONTENT: JSON.stringify(opencodeConfig(url)),
    }),
    args: () => [],
    permissions: 'permission_mode = "auto"',
    files: {},
  },
  gemini: {
    model: 'gemini-2.5-flash',
    priced: 'gemini-2.5-pro',
    env: ({ url }) => ({ GEMINI_API_KEY: 'any', GOOGLE_GEMINI_BASE_URL: url }),
    args: () => [],
    permissions: 'permission_mode = "yolo"',
    files: {
      '.gemini/settings.json': {
        general: { maxAttempts: 2 },
        security: { auth: { selectedType: 'gemini-api-key' } },
      },
    },
  },
  qwen: {
    model: 'mock-1',
    priced: 'qwen3-coder-plus',
    env: ({ url }) => ({ OPENAI_API_KEY: 'any', OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: 'mock-1' }),
    args: () => [],
    permissions: 'permission_mode = "yolo"',
    files: {
      '.qwen/settings.json': {
        security: { auth: { selectedType: 'openai' } },
        model: { generationConfig: { maxRetries: 1 } },
      },
    },
  },
};

/** Writes what `cli` wants to find in its home. */
export function furnish(cli: CliName, home: string): void {
  mkdirSync(home, { recursive: true });
  for (const [path, value] of Object.entries(CLIS[cli].files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), JSON.stringify(value));
  }
}

/** `agent` as an entry of agents.toml. */
export function agentToml(cli: CliName, agent: KitAgent): string {
  const { model, priced, env, args, permissions } = CLIS[cli];
  mkdirSync(agent.workingDir, { recursive: true });
  const variables = {
    ...env(agent),
    HOME: agent.home,
    TMPDIR: agent.tmp,
    // Programs of npm are started by the `node` that stands first.
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
  };
  const table = Object.entries(variables).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return [
    '[[agents]]',
    `name = "${agent.name}"`,
    'layer = "Growth"',
    `cli_tool = ${JSON.stringify(agent.program)}`,
    `provider = "${agent.account ?? agent.name}"`,
    `args = ${JSON.stringify(args(agent))}`,
    `model = "${agent.priced === true ? priced : model}"`,
    `working_dir = ${JSON.stringify(agent.workingDir)}`,
    `env = { ${table.join(', ')} }`,
    'task = "Do what the scenario asks."',
    permissions,
    agent.more,
    '',
  ].join('\n');
}
