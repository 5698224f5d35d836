// Text of a `.ddl` file to tokens: the lexical half of the Ruby subset in which DDLs are written. Strings keep their
// interpolations as tokens of their own; what may follow what is parse-statements.ts. Anything Ruby has beyond the subset is
// refused with its place. [agents 2.1]

import { TroupeError } from '#base/errors.ts'
import { DDL_BYTES_MAX, DDL_DEPTH_MAX } from '#base/limits.ts'

export interface Place {
  readonly line: number
  readonly column: number
}

/** Literal text, or the tokens of a `#{...}` (ending in an `end` token). */
export type TextPart = string | readonly Token[]

export type Token = Place & { readonly raw: string } & (
    | { readonly kind: 'newline' | 'end' }
    | { readonly kind: 'word' | 'label' | 'symbol' | 'punctuation'; readonly value: string }
    | { readonly kind: 'text' | 'quotedSymbol'; parts: readonly TextPart[] }
    | { readonly kind: 'regex'; readonly value: string }
    | { readonly kind: 'integer' | 'float'; readonly value: number }
  )

/** Refuses a place of a DDL, e.g. `cannot read agent/x.ddl line 3 column 5: found 'system', allowed here are ...`. */
export function syntaxError(file: string, at: Place, problem: string): TroupeError {
  return new TroupeError('DDL_SYNTAX', `cannot read ${file} line ${at.line} column ${at.column}: ${problem}`, {
    details: { file, line: at.line, column: at.column },
  })
}

/**
 * Tokens of a whole file, the last one of kind `end`. `;` counts as a newline; comments, `=begin`/`=end` and what follows
 * `__END__` are dropped. Throws DDL_SYNTAX and, over DDL_BYTES_MAX, DDL_TOO_LARGE.
 */
export function tokenize(text: string, file: string): readonly Token[] {
  const bytes = Buffer.byteLength(text)
  if (bytes > DDL_BYTES_MAX) {
    throw new TroupeError('DDL_TOO_LARGE', `cannot read ${file}: ${bytes} bytes, at most ${DDL_BYTES_MAX} are allowed`)
  }
  const source = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  return new Lexer(source, file, 1, 0).tokens(false)
}

interface Heredoc {
  readonly token: { parts: readonly TextPart[] }
  readonly tag: string
  readonly style: '' | '-' | '~'
  readonly interpolates: boolean
  readonly at: Place
}

const ESCAPES: Readonly<Record<string, string>> = Object.freeze({
  n: '\n',
  t: '\t',
  s: ' ',
  r: '\r',
  e: '\x1b',
  a: '\x07',
  b: '\b',
  v: '\v',
  f: '\f',
})
const PUNCTUATION = /=>|==|!=|[,.()[\]{}|]/y
const WORD = /[A-Za-z_]\w*(?:[?!](?!=))?/y
const NUMBER = /-?\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][-+]?\d+)?/y
const HEREDOC = /<<([-~]?)(?:([A-Za-z_]\w*)|"([^"\n]+)"|'([^'\n]+)')/y
const SYMBOL = /:([A-Za-z_]\w*(?:[?!](?!=))?)/y
const REGEX_FLAGS = /[a-z]*/y
const BLANKS = /[ \t\r\f\v]+/y
const SINGLE_QUOTED = /'((?:[^'\\]|\\[\s\S])*)'/y
const PLAIN_TEXT = /[^"\\#\n]+/y

class Lexer {
  readonly #source: string
  readonly #file: string
  readonly #depth: number
  #position = 0
  #line: number
  #lineStart = 0
  #heredocs: Heredoc[] = []

  constructor(source: string, file: string, line: number, depth: number) {
    this.#source = source
    this.#file = file
    this.#line = line
    this.#depth = depth
  }

  /** Tokens up to the end or, inside an interpolation, to the brace that closes it. */
  tokens(untilBrace: boolean): readonly Token[] {
    const out: Token[] = []
    let open = 0
    for (;;) {
      this.#skipBlanks()
      const token = this.#next()
      if (untilBrace && token.kind === 'punctuation') {
        if (token.value === '{') open++
        if (token.value === '}' && open-- === 0) {
          out.push({ ...this.#placeOf(token), kind: 'end', raw: '}' })
          return out
        }
      }
      out.push(token)
      if (token.kind !== 'end') continue
      const unfinished = this.#heredocs[0]
      if (unfinished) throw this.#error(`the text <<${unfinished.tag} has no end`, unfinished.at)
      if (untilBrace) throw this.#error('an interpolation #{ has no closing }', token)
      return out
    }
  }

  /** The inside of a heredoc: text and interpolations up to the end of the source. */
  heredocParts(): readonly TextPart[] {
    return this.#parts(null, this.#place())
  }

  #next(): Token {
    const at = this.#place()
    const c = this.#source[this.#position]
    if (c === undefined) return { ...at, kind: 'end', raw: 'end of file' }
    if (c === '\n') return this.#newline(at)
    if (c === ';') return this.#take(1, { ...at, kind: 'newline', raw: ';' })
    if (c === "'") return this.#singleQuoted(at)
    if (c === '"') return this.#doubleQuoted(at)
    if (c === ':') return this.#symbol(at)
    if (c === '/') return this.#regex(at)
    if (c === '<') return this.#heredoc(at)
    const number = this.#match(NUMBER)
    if (number) return this.#number(at, number[0])
    const word = this.#match(WORD)
    if (word) return this.#word(at, word[0])
    const punctuation = this.#match(PUNCTUATION)
    if (punctuation)
      return this.#take(punctuation[0].length, {
        ...at,
        kind: 'punctuation',
        value: punctuation[0],
        raw: punctuation[0],
      })
    throw this.#error(`found ${JSON.stringify(c)}, which is not part of the DDL language`, at)
  }

  #word(at: Place, word: string): Token {
    if (word === '__END__' && at.column === 1 && (this.#source[this.#position + 7] ?? '\n') === '\n') {
      this.#position = this.#source.length
      return { ...at, kind: 'end', raw: 'end of file' }
    }
    const after = this.#source.slice(this.#position + word.length, this.#position + word.length + 2)
    if (after[0] === ':' && after !== '::')
      return this.#take(word.length + 1, { ...at, kind: 'label', value: word, raw: `${word}:` })
    return this.#take(word.length, { ...at, kind: 'word', value: word, raw: word })
  }

  #number(at: Place, raw: string): Token {
    if (/^-?0[\d_]/.test(raw)) throw this.#error(`found '${raw}': numbers are written without leading zeros`, at)
    const value = Number(raw.replaceAll('_', ''))
    const kind = /^-?[\d_]+$/.test(raw) ? 'integer' : 'float'
    if (!Number.isFinite(value) || (kind === 'integer' && !Number.isSafeInteger(value)))
      throw this.#error(`the number ${raw} is out of range`, at)
    const end = this.#position + raw.length
    if (/\w/.test(this.#source[end] ?? ''))
      throw this.#error(`found '${raw}${this.#source[end]}', which is no number`, at)
    return this.#take(raw.length, { ...at, kind, value, raw })
  }

  #symbol(at: Place): Token {
    if (this.#source[this.#position + 1] === '"') {
      this.#position++
      const text = this.#doubleQuoted(at)
      return { ...at, kind: 'quotedSymbol', parts: text.parts, raw: ':"' }
    }
    const symbol = this.#match(SYMBOL)
    if (!symbol) throw this.#error("found ':' without a name after it", at)
    return this.#take(symbol[0].length, { ...at, kind: 'symbol', value: symbol[1] ?? '', raw: symbol[0] })
  }

  #singleQuoted(at: Place): Token {
    const quoted = this.#match(SINGLE_QUOTED)
    if (!quoted) throw this.#error("a text in '...' has no end", at)
    this.#advanceTo(this.#position + quoted[0].length)
    return { ...at, kind: 'text', parts: [(quoted[1] ?? '').replace(/\\(['\\])/g, '$1')], raw: quoted[0] }
  }

  #doubleQuoted(at: Place): Token & { kind: 'text' } {
    const start = this.#position
    this.#position++
    const parts = this.#parts('"', at)
    return { ...at, kind: 'text', parts, raw: this.#source.slice(start, this.#position) }
  }

  /** Text with escapes and interpolations, to the terminator or, without one, to the end of the source. */
  #parts(terminator: string | null, at: Place): readonly TextPart[] {
    const parts: TextPart[] = []
    let text = ''
    for (;;) {
      const plain = this.#match(PLAIN_TEXT)
      if (plain) {
        text += plain[0]
        this.#position += plain[0].length
      }
      const c = this.#source[this.#position]
      if (c === undefined) {
        if (terminator !== null) throw this.#error('a text in "..." has no end', at)
        break
      }
      if (c === terminator) {
        this.#position++
        break
      }
      const next = this.#source[this.#position + 1]
      if (c === '\\') {
        text += this.#escape()
      } else if (c === '#' && next === '{') {
        if (text !== '') parts.push(text)
        text = ''
        parts.push(this.#interpolation())
      } else if (c === '#' && (next === '$' || next === '@')) {
        throw this.#error(`found '#${next}': only #{...} can be put into a text`, this.#place())
      } else {
        if (c === '\n') this.#countLine()
        text += c
        this.#position++
      }
    }
    if (text !== '' || parts.length === 0) parts.push(text)
    return parts
  }

  #interpolation(): readonly Token[] {
    const at = this.#place()
    if (this.#depth >= DDL_DEPTH_MAX) throw this.#error(`interpolations nest deeper than ${DDL_DEPTH_MAX}`, at)
    const inner = new Lexer(this.#source, this.#file, this.#line, this.#depth + 1)
    inner.#position = this.#position + 2
    inner.#lineStart = this.#lineStart
    const tokens = inner.tokens(true)
    this.#position = inner.#position
    this.#line = inner.#line
    this.#lineStart = inner.#lineStart
    return tokens
  }

  #escape(): string {
    const at = this.#place()
    const rest = this.#source.slice(this.#position + 1, this.#position + 12)
    const code = /^(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{1,2})|([0-7]{1,3}))/.exec(rest)
    if (code) {
      const point =
        code[4] === undefined ? Number.parseInt(code[1] ?? code[2] ?? code[3] ?? '', 16) : Number.parseInt(code[4], 8)
      const isByte = code[3] !== undefined || code[4] !== undefined
      if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) || (isByte && point > 0x7f))
        throw this.#error(`the escape \\${code[0]} is not a character`, at)
      this.#position += 1 + code[0].length
      return String.fromCodePoint(point)
    }
    const c = rest === '' ? '' : String.fromCodePoint(rest.codePointAt(0) ?? 0)
    if (c === '' || 'uxcCM'.includes(c)) throw this.#error(`the escape \\${c} is not supported`, at)
    this.#position += 1 + c.length
    if (c !== '\n') return ESCAPES[c] ?? c
    this.#countLine(this.#position - 1)
    return ''
  }

  #regex(at: Place): Token {
    let inClass = false
    for (let i = this.#position + 1; i < this.#source.length; i++) {
      const c = this.#source[i] ?? ''
      if (c === '#' && this.#source[i + 1] === '{') throw this.#error('a regular expression cannot hold #{...}', at)
      if (c === '\\') i++
      else if (c === '[') inClass = true
      else if (c === ']') inClass = false
      else if (c === '/') return this.#regexToken(at, i)
    }
    throw this.#error(`a regular expression has no closing /${inClass ? ' (a [ is not closed either)' : ''}`, at)
  }

  /** As Ruby prints it: `(?i-mx:...)`; the flags o, u, n, e, s concern encodings and caching and change nothing here. */
  #regexToken(at: Place, end: number): Token {
    const body = this.#source.slice(this.#position + 1, end)
    REGEX_FLAGS.lastIndex = end + 1
    const flags = REGEX_FLAGS.exec(this.#source)?.[0] ?? ''
    if (!/^[mixounes]*$/.test(flags)) throw this.#error(`a regular expression has the unknown flags '${flags}'`, at)
    const on = [...'mix'].filter((flag) => flags.includes(flag)).join('')
    const off = [...'mix'].filter((flag) => !flags.includes(flag)).join('')
    const raw = this.#source.slice(this.#position, end + 1 + flags.length)
    this.#advanceTo(end + 1 + flags.length)
    return { ...at, kind: 'regex', value: `(?${on}${off === '' ? '' : `-${off}`}:${body})`, raw }
  }

  #heredoc(at: Place): Token {
    const opening = this.#match(HEREDOC)
    if (!opening) throw this.#error("found '<', which is not part of the DDL language", at)
    if (this.#depth > 0) throw this.#error('a heredoc cannot stand inside #{...}', at)
    const token: Token & { kind: 'text' } = { ...at, kind: 'text', parts: [], raw: opening[0] }
    const tag = opening[2] ?? opening[3] ?? opening[4] ?? ''
    const style = opening[1] as '' | '-' | '~'
    this.#heredocs.push({ token, tag, style, interpolates: opening[4] === undefined, at })
    return this.#take(opening[0].length, token)
  }

  #newline(at: Place): Token {
    this.#position++
    this.#countLine(this.#position - 1)
    const heredocs = this.#heredocs
    this.#heredocs = []
    for (const heredoc of heredocs) this.#readHeredoc(heredoc)
    return { ...at, kind: 'newline', raw: 'end of line' }
  }

  #readHeredoc(heredoc: Heredoc): void {
    const firstLine = this.#line
    const lines: string[] = []
    for (;;) {
      if (this.#position >= this.#source.length) throw this.#error(`the text <<${heredoc.tag} has no end`, heredoc.at)
      const newlineAt = this.#source.indexOf('\n', this.#position)
      const end = newlineAt === -1 ? this.#source.length : newlineAt
      const line = this.#source.slice(this.#position, end)
      this.#position = end
      if (newlineAt !== -1) {
        this.#position++
        this.#countLine(newlineAt)
      }
      if ((heredoc.style === '' ? line : line.trimStart()) === heredoc.tag) break
      lines.push(line)
    }
    const body = (heredoc.style === '~' ? dedent(lines) : lines).map((line) => `${line}\n`).join('')
    if (!heredoc.interpolates) heredoc.token.parts = [body]
    else heredoc.token.parts = new Lexer(body, this.#file, firstLine, 1).heredocParts()
  }

  #skipBlanks(): void {
    for (;;) {
      const blanks = this.#match(BLANKS)
      if (blanks) this.#position += blanks[0].length
      const c = this.#source[this.#position]
      if (c === '\\' && this.#source[this.#position + 1] === '\n') {
        this.#position += 2
        this.#countLine(this.#position - 1)
      } else if (c === '#') {
        const end = this.#source.indexOf('\n', this.#position)
        this.#position = end === -1 ? this.#source.length : end
      } else if (c === '=' && this.#position === this.#lineStart && /^=begin(?:\s|$)/.test(this.#lineText())) {
        this.#skipBlockComment()
      } else {
        return
      }
    }
  }

  #skipBlockComment(): void {
    const at = this.#place()
    while (!/^=end(?:\s|$)/.test(this.#lineText())) {
      const end = this.#source.indexOf('\n', this.#position)
      if (end === -1) throw this.#error('a comment =begin has no =end', at)
      this.#position = end + 1
      this.#countLine(end)
    }
    const end = this.#source.indexOf('\n', this.#position)
    this.#position = end === -1 ? this.#source.length : end
  }

  #lineText(): string {
    return this.#source.slice(this.#position, this.#position + 10).split('\n', 1)[0] ?? ''
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#position
    return pattern.exec(this.#source)
  }

  #take<T extends Token>(length: number, token: T): T {
    this.#position += length
    return token
  }

  /** Moves over text that may hold newlines. */
  #advanceTo(end: number): void {
    for (let i = this.#source.indexOf('\n', this.#position); i !== -1 && i < end; i = this.#source.indexOf('\n', i + 1))
      this.#countLine(i)
    this.#position = end
  }

  #countLine(newlineAt = this.#position): void {
    this.#line++
    this.#lineStart = newlineAt + 1
  }

  #place(): Place {
    return { line: this.#line, column: this.#position - this.#lineStart + 1 }
  }

  #placeOf(token: Token): Place {
    return { line: token.line, column: token.column }
  }

  #error(problem: string, at: Place): TroupeError {
    return syntaxError(this.#file, at, problem)
  }
}

/** Lines of a `<<~` text without the indentation they share; tabs count to the next multiple of 8, as in Ruby. */
function dedent(lines: readonly string[]): readonly string[] {
  const indentOf = (line: string): number => {
    let width = 0
    for (const c of line) {
      if (c === ' ') width++
      else if (c === '\t') width = (Math.floor(width / 8) + 1) * 8
      else return width
    }
    return Number.POSITIVE_INFINITY
  }
  const shared = Math.min(...lines.map(indentOf), 1_000_000)
  return lines.map((line) => {
    let width = 0
    let i = 0
    for (; i < line.length && width < shared; i++) {
      if (line[i] === ' ') width++
      else if (line[i] === '\t' && (Math.floor(width / 8) + 1) * 8 <= shared) width = (Math.floor(width / 8) + 1) * 8
      else break
    }
    return line.slice(i)
  })
}
