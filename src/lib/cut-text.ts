// Shortens text to a number of bytes or characters without ever cutting a character in two.

/** The length of `text` in UTF-8; a lone surrogate counts as the three bytes of its replacement. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    bytes += characterBytes(character);
  }
  return bytes;
}

/**
 * `text` in at most `maxBytes` of UTF-8, its beginning and its end kept and a line between them that says how much is
 * missing. The end gets two thirds: errors stand last. Below the length of that line only the beginning is kept.
 */
export function cutMiddle(text: string, maxBytes: number): string {
  const whole = text.toWellFormed();
  const total = utf8Length(whole);
  if (total <= maxBytes) {
    return whole;
  }
  const room = maxBytes - utf8Length(missing(total));
  if (room <= 0) {
    return leading(whole, maxBytes);
  }
  const head = leading(whole, Math.floor(room / 3));
  const tail = trailing(whole, room - utf8Length(head));
  return `${head}${missing(total - utf8Length(head) - utf8Length(tail))}${tail}`;
}

/** The longest beginning of `text` that fits into `maxBytes` of UTF-8. */
export function leading(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += characterBytes(character);
    if (bytes > maxBytes) {
      break;
    }
    end += character.length;
  }
  return text.slice(0, end);
}

/** The longest end of `text` that fits into `maxBytes` of UTF-8. */
export function trailing(text: string, maxBytes: number): string {
  let bytes = 0;
  let start = text.length;
  while (start > 0) {
    const width = isLowSurrogate(text.charCodeAt(start - 1)) && start > 1 ? 2 : 1;
    bytes += characterBytes(text.slice(start - width, start));
    if (bytes > maxBytes) {
      break;
    }
    start -= width;
  }
  return text.slice(start);
}

/** The line that says that so many bytes are not shown. */
export function missing(bytes: number): string {
  return `\n… ${bytes} bytes left out …\n`;
}

function characterBytes(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) {
    return 1;
  }
  if (code < 0x800) {
    return 2;
  }
  return code < 0x1_0000 ? 3 : 4;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
