// What an operator asks for with `adf run`.

/** What `run` is asked with. `session`: the session of an earlier run is gone on with, or branched off. */
export interface RunWish {
  readonly key: string;
  readonly task?: string;
  readonly args?: readonly string[];
  readonly session?: { readonly kind: 'resume' | 'fork'; readonly run: string };
}
