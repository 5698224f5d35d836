// Text that came from a node, as pieces that can be shown: what would not be seen, or would move what is seen (control characters, escape
// sequences, marks that turn the direction of writing), becomes a piece of its own that says what it is. React escapes the rest.

export interface TextPiece {
  readonly text: string
  /** Set: `text` stands for a character that cannot be seen, e.g. `U+202E`. */
  readonly hidden?: string
}

// Everything but tab and line feed that has no glyph of its own or changes those of others.
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu

/** `visibleText('a\u001b[1m')` is `[{ text: 'a' }, { text: '␛', hidden: 'U+001B' }, { text: '[1m' }]`. A line feed after a carriage return is one end of a line. */
export function visibleText(source: string): readonly TextPiece[] {
  const text = source.replaceAll('\r\n', '\n')
  const pieces: TextPiece[] = []
  let from = 0
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) })
    pieces.push(pieceOf(match[0]))
    from = match.index + match[0].length
  }
  if (from < text.length) pieces.push({ text: text.slice(from) })
  return pieces
}

function pieceOf(char: string): TextPiece {
  const code = char.codePointAt(0) ?? 0
  const hidden = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  // The pictures Unicode has for control characters.
  if (code < 0x20) return { text: String.fromCodePoint(0x2400 + code), hidden }
  if (code === 0x7f) return { text: '\u2421', hidden }
  return { text: hidden, hidden }
}

/** The same in one string, for places that take no elements: titles, notes. */
export function visibleString(source: string): string {
  return visibleText(source)
    .map(({ text }) => text)
    .join('')
}

/** At most so many characters, never half of a pair. */
export function cutText(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text
  const last = text.charCodeAt(charactersMax - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? charactersMax - 1 : charactersMax)
}
