// What stands in the place of an agent CLI's login file, and how a person logs in.

/** How one agent CLI proves who it is, beside the files that its driver names. */
export interface Login {
  /** Variables, any of which is a login. */
  readonly variables: readonly string[];
  /** What a person types, as the agents' user. */
  readonly command: string;
}

/** By the driver's name; a driver that is not here needs none. */
export const LOGINS: Readonly<Record<string, Login>> = {
  claude: {
    variables: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'],
    command: 'claude /login',
  },
  codex: { variables: ['OPENAI_API_KEY', 'CODEX_API_KEY'], command: 'codex login' },
  gemini: {
    variables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_APPLICATION_CREDENTIALS'],
    command: 'gemini',
  },
  opencode: {
    variables: ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'OPENROUTER_API_KEY', 'OPENCODE_CONFIG'],
    command: 'opencode auth login',
  },
  qwen: { variables: ['OPENAI_API_KEY', 'DASHSCOPE_API_KEY'], command: 'qwen' },
};
