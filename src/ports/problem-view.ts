// What is wrong with the configuration, each with its place.

/** One error or warning of the configuration. */
export interface ProblemView {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly key: string;
  readonly message: string;
}

/** `problem` as one line: place, key, what is wrong. */
export function problemLine({ file, line, column, key, message }: ProblemView): string {
  return [`${file}:${line}:${column}`, key, message].filter((part) => part !== '').join('  ');
}
