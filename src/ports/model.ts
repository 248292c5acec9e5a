// A language model that answers one question at a time.

/** A whole question: the model keeps nothing between two of them. */
export interface ModelQuestion {
  readonly system: string;
  /** Oldest first. */
  readonly messages: readonly { readonly author: 'user' | 'model'; readonly text: string }[];
  /** Tokens of the answer at most. */
  readonly maxTokens: number;
}

/** What came of it. `tokens`: of question and answer; where the model did not say, our own estimate. */
export type ModelReply =
  | { readonly kind: 'answered'; readonly text: string; readonly tokens: number }
  | {
      readonly kind: 'failed';
      /** Useless until a person changes something. */
      readonly permanent: boolean;
      /** Holds no secret; says what to do. */
      readonly message: string;
      /** Epoch ms before which asking again is useless; null where nobody said. */
      readonly retryAt: number | null;
    };

/** Answers within 30 s, or fails, or gives up when `ending` aborts; expected failures are values. */
export interface Model {
  /** As people read it: model and provider. */
  readonly name: string;
  ask(question: ModelQuestion, ending: AbortSignal): Promise<ModelReply>;
}
