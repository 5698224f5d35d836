// Reads a regular expression written in Ruby's syntax and writes it in RE2's, so that an engine without backtracking can run
// it. Only "does it match" is kept: groups lose their names and numbers, laziness is dropped. What RE2 cannot do (look-around,
// back-references, atomic and possessive forms) is refused by name and position. Running it is regex.ts. [cli 4.1]

import { TroupeError } from '#base/errors.ts'
import { REGEX_LENGTH_MAX, REGEX_PROGRAM_MAX, REGEX_REPEAT_MAX } from '#base/limits.ts'

export interface Translation {
  /** The same expression for RE2, e.g. `^a.b` becomes `(?m:^)a[^\n]b`. */
  readonly re2: string
  /** Upper estimate of the instructions of the compiled program; at most REGEX_PROGRAM_MAX. */
  readonly size: number
}

interface Flags {
  readonly ignoreCase: boolean
  /** Ruby's m: `.` takes newlines too. */
  readonly dotAll: boolean
  /** Ruby's x: blanks and comments are dropped. */
  readonly extended: boolean
}

interface Piece {
  readonly text: string
  readonly size: number
}

const NO_FLAGS: Flags = { ignoreCase: false, dotAll: false, extended: false }
const TOP = '\\x{10FFFF}'

/** Members of a character class; `negated` is the complement where it can be written as members too. */
interface Members {
  readonly members: string
  readonly negated: string | null
}

const SPACE: Members = { members: '\\t-\\r ', negated: `\\x00-\\x08\\x0E-\\x1F!-${TOP}` }
const HEX: Members = { members: '0-9A-Fa-f', negated: `\\x00-/:-@G-\`g-${TOP}` }
const DIGIT: Members = { members: '0-9', negated: `\\x00-/:-${TOP}` }
const WORD: Members = { members: '0-9A-Za-z_', negated: `\\x00-/:-@\\[-\\^\`{-${TOP}` }

function property(name: string): Members {
  return { members: `\\p{${name}}`, negated: `\\P{${name}}` }
}

function union(...members: string[]): Members {
  return { members: members.join(''), negated: null }
}

/** POSIX brackets and the property names of the same meaning; like Ruby's they reach beyond ASCII. */
const NAMED: ReadonlyMap<string, Members> = new Map([
  ['alnum', union('\\p{L}', '\\p{M}', '\\p{Nd}', '\\p{Nl}')],
  ['alpha', union('\\p{L}', '\\p{M}', '\\p{Nl}')],
  ['ascii', { members: '\\x00-\\x7F', negated: `\\x80-${TOP}` }],
  ['blank', union('\\t', '\\p{Zs}')],
  ['cntrl', property('Cc')],
  ['digit', property('Nd')],
  ['graph', union('\\p{L}', '\\p{M}', '\\p{N}', '\\p{P}', '\\p{S}')],
  ['lower', property('Ll')],
  ['print', union('\\p{L}', '\\p{M}', '\\p{N}', '\\p{P}', '\\p{S}', '\\p{Zs}')],
  ['punct', union('\\p{P}', '$+<=>\\^`|~')],
  ['space', union('\\t-\\r', '\\x{85}', '\\p{Z}')],
  ['upper', property('Lu')],
  ['word', union('\\p{L}', '\\p{M}', '\\p{Nd}', '\\p{Pc}')],
  ['xdigit', HEX],
])

const SHORTHANDS: ReadonlyMap<string, Members> = new Map([
  ['d', DIGIT],
  ['h', HEX],
  ['s', SPACE],
  ['w', WORD],
])

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['e', 27],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
])

const GROUPS_REFUSED: readonly (readonly [string, string])[] = [
  ['(?<=', 'look-behind'],
  ['(?<!', 'look-behind'],
  ['(?=', 'look-ahead'],
  ['(?!', 'negative look-ahead'],
  ['(?>', 'an atomic group'],
  ['(?~', 'the absence operator'],
  ['(?(', 'a conditional group'],
]

/**
 * Translates `(?i)^web\d+` and the like. Throws FILTER_BAD_REGEX with what is wrong, why, and at which character (counted
 * from 1) for text that is not a regular expression, is too large, or needs backtracking.
 */
export function translateRegex(source: string): Translation {
  if (source.length > REGEX_LENGTH_MAX) {
    throw new TroupeError(
      'FILTER_BAD_REGEX',
      `the regular expression '${source.slice(0, 40)}...' has ${source.length} characters; at most ${REGEX_LENGTH_MAX} are allowed`,
      { details: { length: source.length, limit: REGEX_LENGTH_MAX } },
    )
  }
  const reader = new Reader(source)
  const piece = reader.alternation(NO_FLAGS)
  if (!reader.atEnd()) throw reader.bad("')' without '('", reader.at)
  return { re2: piece.text, size: piece.size + 2 }
}

/** Recursion is bounded by REGEX_LENGTH_MAX: every level eats at least one character. */
class Reader {
  at = 0
  readonly #source: string

  constructor(source: string) {
    this.#source = source
  }

  atEnd(): boolean {
    return this.at >= this.#source.length
  }

  /** `cannot use the regular expression 'a)': ')' without '(' at character 2`, then `rest`. */
  bad(what: string, at: number, rest = ''): TroupeError {
    return new TroupeError(
      'FILTER_BAD_REGEX',
      `cannot use the regular expression '${this.#source}': ${what} at character ${at + 1}${rest}`,
      { details: { source: this.#source, offset: at } },
    )
  }

  #unsupported(what: string, at: number): TroupeError {
    return this.bad(what, at, ' is not supported')
  }

  #backtracks(what: string, at: number): TroupeError {
    return this.bad(what, at, ' is not supported: it cannot be matched in time proportional to the text')
  }

  #peek(length = 1): string {
    return this.#source.slice(this.at, this.at + length)
  }

  #takeIf(text: string): boolean {
    if (!this.#source.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  /** One character, as code point text: a surrogate pair counts as one. */
  #take(): string {
    const text = String.fromCodePoint(this.#source.codePointAt(this.at) ?? 0)
    this.at += text.length
    return text
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.#source)
    if (found) this.at += found[0].length
    return found
  }

  alternation(flags: Flags): Piece {
    const start = this.at
    let { text, size } = this.#sequence(flags)
    while (this.#takeIf('|')) {
      const branch = this.#sequence(flags)
      text += `|${branch.text}`
      size += branch.size + 1
    }
    this.#checkSize(size, start)
    return { text, size }
  }

  #sequence(flags: Flags): Piece {
    let text = ''
    let size = 0
    while (!this.atEnd() && this.#peek() !== '|' && this.#peek() !== ')') {
      if (this.#skipped(flags)) continue
      const start = this.at
      const piece = this.#repeated(this.#atom(flags), flags)
      text += piece.text
      size += piece.size
      this.#checkSize(size, start)
    }
    return { text, size }
  }

  #checkSize(size: number, at: number): void {
    if (size <= REGEX_PROGRAM_MAX) return
    throw this.bad('the part', at, ` would compile to about ${size} steps; at most ${REGEX_PROGRAM_MAX} are allowed`)
  }

  /** Comments, and blanks under (?x). */
  #skipped(flags: Flags): boolean {
    if (this.#peek(3) === '(?#') {
      const start = this.at
      while (!this.atEnd() && this.#peek() !== ')') this.at += this.#peek() === '\\' ? 2 : 1
      if (!this.#takeIf(')')) throw this.bad('a comment without its end', start)
      return true
    }
    return flags.extended && this.#match(/[ \t\n\v\f\r]+|#[^\n]*/y) !== null
  }

  /** Quantifiers after an atom; Ruby lets them be stacked (`a{2}{3}`), RE2 does not, hence the groups. */
  #repeated(atom: Piece, flags: Flags): Piece {
    let piece = atom
    for (;;) {
      while (!this.atEnd() && this.#skipped(flags)) {
        // a comment or blanks between an atom and its quantifier
      }
      const start = this.at
      const simple = this.#match(/[*+?]/y)
      if (simple) {
        if (this.#peek() === '+') throw this.#backtracks(`the possessive '${simple[0]}+'`, start)
        this.#takeIf('?')
        piece = { text: `(?:${piece.text})${simple[0]}`, size: piece.size + 2 }
        continue
      }
      const counted = this.#match(/\{(\d+)\}|\{(\d*),(\d*)\}/y)
      if (!counted || counted[0] === '{,}') {
        this.at = start
        return piece
      }
      piece = this.#counted(piece, counted, start)
    }
  }

  #counted(piece: Piece, found: RegExpExecArray, start: number): Piece {
    const exact = found[1]
    const least = Number(exact ?? (found[2] || 0))
    const most = exact !== undefined ? least : found[3] ? Number(found[3]) : null
    if (least > REGEX_REPEAT_MAX || (most ?? 0) > REGEX_REPEAT_MAX) {
      throw this.bad(`the repetition ${found[0]}`, start, ` exceeds ${REGEX_REPEAT_MAX}`)
    }
    if (most !== null && most < least) throw this.bad(`the repetition ${found[0]}`, start, ' ends below its start')
    // A lazy {n,m}? matches the same texts, but in Ruby {n}? means "n times or not at all".
    if (exact === undefined) this.#takeIf('?')
    const times = most === null ? `{${least},}` : most === least ? `{${least}}` : `{${least},${most}}`
    const optional = most === null ? piece.size + 2 : (piece.size + 1) * (most - least)
    return { text: `(?:${piece.text})${times}`, size: piece.size * least + optional + 1 }
  }

  #atom(flags: Flags): Piece {
    const start = this.at
    const character = this.#take()
    switch (character) {
      case '(':
        return this.#group(flags, start)
      case '[':
        return this.#class(start)
      case '\\':
        return this.#escape(start)
      case '.':
        return { text: flags.dotAll ? '(?s:.)' : '[^\\n]', size: 1 }
      case '^':
        return { text: '(?m:^)', size: 1 }
      case '$':
        return { text: '(?m:$)', size: 1 }
      case '*':
      case '+':
      case '?':
        throw this.bad(`'${character}' has nothing to repeat`, start)
      case '{': {
        this.at = start
        if (this.#match(/\{\d+\}|\{(?:\d+,\d*|,\d+)\}/y)) throw this.bad('a repetition has nothing to repeat', start)
        this.at = start + 1
        return { text: literal('{'), size: 1 }
      }
      default:
        return { text: literal(character), size: 1 }
    }
  }

  #group(flags: Flags, start: number): Piece {
    this.at = start
    for (const [opening, name] of GROUPS_REFUSED) {
      if (this.#source.startsWith(opening, start)) throw this.#backtracks(name, start)
    }
    this.at = start + 1
    if (!this.#takeIf('?')) return this.#groupBody('(?:', flags, start)
    if (this.#takeIf(':')) return this.#groupBody('(?:', flags, start)
    if (this.#match(/<[\p{L}_][\p{L}\p{N}_]*>|'[\p{L}_][\p{L}\p{N}_]*'/uy)) return this.#groupBody('(?:', flags, start)
    const options = this.#match(/([imx]*)(?:-([imx]*))?([:)])/y)
    if (!options) throw this.bad(`'${this.#source.slice(start, start + 4)}' opens no kind of group Ruby knows`, start)
    const inner = withOptions(flags, options[1] ?? '', options[2] ?? '')
    const opening = inner.ignoreCase === flags.ignoreCase ? '(?:' : inner.ignoreCase ? '(?i:' : '(?-i:'
    if (options[3] === ':') return this.#groupBody(opening, inner, start)
    // (?i) alone holds to the end of the enclosing group, over `|` too: a(?i)b|c is a(?i:b|c).
    const rest = this.alternation(inner)
    return { text: `${opening}${rest.text})`, size: rest.size }
  }

  #groupBody(opening: string, flags: Flags, start: number): Piece {
    const body = this.alternation(flags)
    if (!this.#takeIf(')')) throw this.bad("'(' without ')'", start)
    return { text: `${opening}${body.text})`, size: Math.max(body.size, 1) }
  }

  /** After a backslash, outside brackets. */
  #escape(start: number): Piece {
    if (this.atEnd()) throw this.bad('a backslash with nothing after it', start)
    const letter = this.#peek()
    const shorthand = SHORTHANDS.get(letter.toLowerCase())
    if (shorthand) {
      this.at += 1
      const negate = letter !== letter.toLowerCase()
      return { text: `[${negate ? '^' : ''}${shorthand.members}]`, size: 1 }
    }
    switch (letter) {
      case 'A':
      case 'z':
      case 'b':
      case 'B':
        this.at += 1
        return { text: `\\${letter}`, size: 1 }
      case 'Z':
        this.at += 1
        return { text: '(?:\\n?\\z)', size: 3 }
      case 'R':
        this.at += 1
        return { text: '(?:\\r\\n|[\\n-\\r\\x{85}\\x{2028}\\x{2029}])', size: 4 }
      case 'G':
      case 'K':
      case 'X':
        throw this.#unsupported(`'\\${letter}'`, start)
      case 'k':
      case 'g':
        throw this.#backtracks(letter === 'k' ? 'a back-reference' : 'a call of a group', start)
    }
    if (/[1-9]/.test(letter)) throw this.#backtracks('a back-reference', start)
    if (letter === 'p' || letter === 'P') {
      const named = this.#property(start)
      if (named) return { text: `[${named.negate ? '^' : ''}${named.set.members}]`, size: 1 }
    }
    if (this.#peek(2) === 'u{') {
      const [point = 0, ...more] = this.#codePoints(start)
      if (more.length > 0) throw this.#unsupported("'\\u{...}' with several characters outside brackets", start)
      return { text: pointText(point), size: 1 }
    }
    return { text: pointText(this.#codePoint(start)), size: 1 }
  }

  /** `p{Alpha}`, `p{^L}`, `P{Greek}`; null when no brace follows (Ruby reads `\pL` as the letters pL). */
  #property(start: number): { set: Members; negate: boolean } | null {
    const found = this.#match(/([pP])\{(\^?)([A-Za-z_ ]+)\}/y)
    if (!found) {
      if (this.#peek(2).endsWith('{')) throw this.bad('a property without a name RE2 knows', start)
      return null
    }
    const name = (found[3] ?? '').toLowerCase()
    const negate = (found[1] === 'P') !== (found[2] === '^')
    if (name === 'any') return { set: { members: `\\x00-${TOP}`, negated: null }, negate }
    const known = NAMED.get(name)
    if (known) return { set: known, negate }
    const words = name.replace(/(^|[_ ])([a-z])/g, (_all, gap: string, first: string) =>
      gap ? `_${first.toUpperCase()}` : first.toUpperCase(),
    )
    return { set: property(words), negate }
  }

  /** `u{41 42}`: one or more code points. */
  #codePoints(start: number): number[] {
    const found = this.#match(/u\{\s*([0-9A-Fa-f]{1,6}(?:\s+[0-9A-Fa-f]{1,6})*)\s*\}/y)
    if (!found) throw this.bad("'\\u{' without hexadecimal digits and '}'", start)
    return (found[1] ?? '').split(/\s+/).map((digits) => this.#valid(Number.parseInt(digits, 16), start))
  }

  #valid(point: number, start: number): number {
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
      throw this.bad('an escape that is no character', start)
    return point
  }

  /** Escapes that mean one character, inside and outside brackets; any other escaped character means itself. */
  #codePoint(start: number): number {
    const octal = this.#match(/0[0-7]{0,2}|[1-7][0-7]{0,2}/y)
    if (octal) return this.#byte(Number.parseInt(octal[0], 8), start)
    const letter = this.#peek()
    if (letter === 'x') {
      const found = this.#match(/x([0-9A-Fa-f]{1,2})/y)
      if (!found) throw this.bad("'\\x' without hexadecimal digits", start)
      return this.#byte(Number.parseInt(found[1] ?? '', 16), start)
    }
    if (letter === 'u') {
      const found = this.#match(/u([0-9A-Fa-f]{4})/y)
      if (!found) throw this.bad("'\\u' without four hexadecimal digits", start)
      return this.#valid(Number.parseInt(found[1] ?? '', 16), start)
    }
    if (letter === 'c' || this.#peek(2) === 'C-') {
      const found = this.#match(/(?:c|C-)([ -~])/y)
      if (!found || found[1] === '\\') throw this.bad('a control escape without its character', start)
      return (found[1] ?? '').charCodeAt(0) & 0x1f
    }
    if (letter === 'C' || letter === 'M') throw this.#unsupported(`'\\${letter}'`, start)
    if (this.atEnd()) throw this.bad('a backslash with nothing after it', start)
    const character = this.#take()
    return CONTROLS.get(character) ?? character.codePointAt(0) ?? 0
  }

  #byte(value: number, start: number): number {
    if (value > 0x7f) throw this.bad('the escaped byte', start, ' is above 127; write characters as \\u00E9')
    return value
  }

  #class(start: number): Piece {
    const { members, negated } = this.#classBody(start)
    return { text: `[${negated ? '^' : ''}${members}]`, size: 1 }
  }

  /** Everything after `[` up to and with its `]`. */
  #classBody(start: number): { members: string; negated: boolean } {
    let negated = this.#takeIf('^')
    // A negated set of several parts can only be written in RE2 as the whole class.
    let whole: Members | null = null
    let members = ''
    let count = 0
    const first = this.at
    for (;;) {
      if (this.atEnd()) throw this.bad("'[' without ']'", start)
      const here = this.at
      if (this.#peek() === ']' && (here !== first || !this.#source.includes(']', here + 1))) {
        if (here === first) throw this.bad("an empty '[]'", start)
        this.at += 1
        break
      }
      if (this.#peek(2) === '&&') throw this.#unsupported("the intersection '&&'", here)
      count += 1
      const set = this.#set(here)
      if (set && this.#peek() === '-' && this.#peek(2) !== '-]') {
        throw this.bad('a range that does not start with a character', here)
      }
      if (!set) {
        members += this.#range(here)
      } else if (!set.negate) {
        members += set.set.members
      } else if (set.set.negated !== null) {
        members += set.set.negated
      } else {
        whole = set.set
      }
    }
    if (whole) {
      if (count > 1) throw this.#unsupported('a negated set among other members of [...]', start)
      negated = !negated
      members = whole.members
    }
    return { members, negated }
  }

  /** A member of a class that is a set itself: `[:alpha:]`, `\d`, `\p{L}`, a nested class. */
  #set(here: number): { set: Members; negate: boolean } | null {
    if (this.#peek(2) === '[:') {
      const found = this.#match(/\[:(\^?)([A-Za-z]+):\]/y)
      if (found) {
        const set = NAMED.get((found[2] ?? '').toLowerCase())
        if (!set) throw this.bad(`'[:${found[2]}:]' is no set Ruby knows,`, here)
        return { set, negate: found[1] === '^' }
      }
    }
    if (this.#takeIf('[')) {
      const inner = this.#classBody(here)
      return { set: { members: inner.members, negated: null }, negate: inner.negated }
    }
    if (this.#peek() !== '\\') return null
    const letter = this.#source.charAt(this.at + 1)
    const shorthand = SHORTHANDS.get(letter.toLowerCase())
    if (shorthand) {
      this.at += 2
      return { set: shorthand, negate: letter !== letter.toLowerCase() }
    }
    if (letter === 'p' || letter === 'P') {
      this.at += 1
      const named = this.#property(here)
      if (named) return named
      this.at = here
    }
    if (this.#peek(3) === '\\u{') {
      this.at += 1
      const points = this.#codePoints(here)
      if (points.length > 1) return { set: union(...points.map(pointText)), negate: false }
      this.at = here
    }
    return null
  }

  #range(here: number): string {
    const low = this.#member()
    if (this.#peek() !== '-' || this.#peek(2) === '-]') return pointText(low)
    this.at += 1
    if (this.atEnd()) throw this.bad("'[' without ']'", here)
    const after = this.at
    if (this.#set(after)) throw this.bad('a range that does not end with a character', here)
    const high = this.#member()
    if (high < low) throw this.bad('a range whose end is before its start', here)
    return `${pointText(low)}-${pointText(high)}`
  }

  #member(): number {
    const start = this.at
    const character = this.#take()
    if (character !== '\\') return character.codePointAt(0) ?? 0
    if (this.#takeIf('b')) return 8
    if (this.#peek(2) === 'u{') return this.#codePoints(start)[0] ?? 0
    return this.#codePoint(start)
  }
}

function withOptions(flags: Flags, on: string, off: string): Flags {
  const decide = (letter: string, now: boolean): boolean => (off.includes(letter) ? false : on.includes(letter) || now)
  return {
    ignoreCase: decide('i', flags.ignoreCase),
    dotAll: decide('m', flags.dotAll),
    extended: decide('x', flags.extended),
  }
}

function literal(character: string): string {
  return pointText(character.codePointAt(0) ?? 0)
}

/** A code point that stands for itself, inside and outside brackets. */
function pointText(point: number): string {
  const character = String.fromCodePoint(point)
  if (/[0-9A-Za-z]/.test(character)) return character
  return `\\x{${point.toString(16)}}`
}
