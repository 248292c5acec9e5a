// Colours, where they are wished: they repeat what the words say and carry nothing alone.

/** What a piece of text is, for the eye. */
export type Tone = 'plain' | 'good' | 'bad' | 'care' | 'faint' | 'strong';

/** Colours `text`, or leaves it as it is. */
export type Style = (tone: Tone, text: string) => string;

const CODES: Readonly<Record<Exclude<Tone, 'plain'>, readonly [number, number]>> = {
  good: [32, 39],
  bad: [31, 39],
  care: [33, 39],
  faint: [2, 22],
  strong: [1, 22],
};

/** A style with colours, or one that does nothing. */
export function createStyle(colour: boolean): Style {
  return (tone, text) => {
    if (!colour || tone === 'plain' || text === '') {
      return text;
    }
    const [on, off] = CODES[tone];
    return `\u001B[${on}m${text}\u001B[${off}m`;
  };
}
