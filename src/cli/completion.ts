// Writes completion scripts from the commands themselves, so that they cannot disagree.

import type { Command } from 'commander';

/** Shells that a script is written for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
/** One of them. */
export type Shell = (typeof SHELLS)[number];

/** Names that only the daemon knows. */
export const WORD_KINDS = ['agents', 'runs', 'projects'] as const;
/** One kind of them. */
export type WordKind = (typeof WORD_KINDS)[number];

/** What may follow one command. */
export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  /** Long options. */
  readonly options: readonly string[];
  /** Subcommands, or the choices of its argument. */
  readonly words: readonly string[];
  /** What the daemon must be asked for. */
  readonly asks: WordKind | null;
}

const KIND_BY_ARGUMENT: Readonly<Record<string, WordKind>> = { name: 'agents', run: 'runs', project: 'projects' };

/** Reads what may follow each of `commands`. */
export function wordsOf(commands: readonly Command[]): readonly CommandWords[] {
  return commands.map((command) => {
    const inner = command.commands;
    const holders = [command, ...inner];
    const argument = holders.flatMap((holder) => holder.registeredArguments).at(0);
    const options = holders.flatMap((holder) => holder.options.filter((option) => !option.hidden));
    return {
      name: command.name(),
      summary: command.description(),
      options: [...new Set([...options.map((option) => option.long ?? ''), '--help'])].filter((name) => name !== ''),
      words: [...inner.map((one) => one.name()), ...(argument?.argChoices ?? [])],
      asks: KIND_BY_ARGUMENT[argument?.name() ?? ''] ?? null,
    };
  });
}

/** The script for `shell`. */
export function completionScript(shell: Shell, commands: readonly CommandWords[]): string {
  return { bash, zsh, fish }[shell](commands);
}

function bash(commands: readonly CommandWords[]): string {
  return `# Completion of adf for bash. In ~/.bashrc: eval "$(adf completion bash)"
_adf() {
  local cur=\${COMP_WORDS[COMP_CWORD]} verb= words= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      -*) ;;
      *) verb=\${COMP_WORDS[i]}; break ;;
    esac
  done
  case $verb in
    '') words='${commands.map((command) => command.name).join(' ')} --help --version' ;;
${commands.map(bashCase).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _adf adf
`;
}

function bashCase({ name, options, words, asks }: CommandWords): string {
  const asked = asks === null ? '' : ` $(adf completion --words ${asks} 2>/dev/null)`;
  return `    ${name})
      case $cur in
        -*) words='${options.join(' ')}' ;;
        *) words="${words.join(' ')}${asked}" ;;
      esac ;;`;
}

function zsh(commands: readonly CommandWords[]): string {
  return `#compdef adf
# Completion of adf for zsh. In ~/.zshrc after compinit: eval "$(adf completion zsh)"
_adf() {
  local verb="" word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case $word in
      -*) ;;
      *) verb=$word; break ;;
    esac
  done
  local -a commands
  case $verb in
    '')
      commands=(
${commands.map(({ name, summary }) => `        ${quoted(`${name}:${summary}`)}`).join('\n')}
      )
      _describe command commands ;;
${commands.map(zshCase).join('\n')}
  esac
}
compdef _adf adf
`;
}

function zshCase({ name, options, words, asks }: CommandWords): string {
  const plain = [...options, ...words].map(quoted).join(' ');
  const asked = asks === null ? '' : `; compadd -- \${(f)"$(adf completion --words ${asks} 2>/dev/null)"}`;
  return `    ${name}) compadd -- ${plain}${asked}; _files ;;`;
}

function fish(commands: readonly CommandWords[]): string {
  return `# Completion of adf for fish. Once: adf completion fish > ~/.config/fish/completions/adf.fish
complete -c adf -f
${commands.flatMap(fishLines).join('\n')}
`;
}

function fishLines({ name, summary, options, words, asks }: CommandWords): readonly string[] {
  const after = `-n '__fish_seen_subcommand_from ${name}'`;
  return [
    `complete -c adf -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ...options.map((option) => `complete -c adf ${after} -l ${option.slice(2)}`),
    ...(words.length === 0 ? [] : [`complete -c adf ${after} -a ${quoted(words.join(' '))}`]),
    ...(asks === null ? [] : [`complete -c adf ${after} -a '(adf completion --words ${asks} 2>/dev/null)'`]),
  ];
}

/** In single quotes, as bash, zsh and fish all read them where the text has none itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
