// Where each agent CLI keeps its login on Linux, and what can stand in its place.

/** How one agent CLI proves who it is. */
export interface Login {
  /** Files in its user's home, any of which is a login. */
  readonly files: readonly string[];
  /** Variables, any of which is one. */
  readonly variables: readonly string[];
  /** What a person types, as the agents' user. */
  readonly command: string;
}

/** By the driver's name; a driver that is not here needs none. */
export const LOGINS: Readonly<Record<string, Login>> = {
  claude: {
    files: ['.claude/.credentials.json'],
    variables: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN', 'CLAUDE_CONFIG_DIR'],
    command: 'claude /login',
  },
  codex: {
    files: ['.codex/auth.json'],
    variables: ['OPENAI_API_KEY', 'CODEX_API_KEY', 'CODEX_HOME'],
    command: 'codex login',
  },
  gemini: {
    files: ['.gemini/oauth_creds.json'],
    variables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_APPLICATION_CREDENTIALS'],
    command: 'gemini',
  },
  opencode: {
    files: ['.local/share/opencode/auth.json', '.config/opencode/opencode.json'],
    variables: ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'OPENROUTER_API_KEY', 'OPENCODE_CONFIG'],
    command: 'opencode auth login',
  },
  qwen: {
    files: ['.qwen/oauth_creds.json'],
    variables: ['OPENAI_API_KEY', 'DASHSCOPE_API_KEY'],
    command: 'qwen',
  },
};
