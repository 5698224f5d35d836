// Values as Ruby's `inspect` and `pp` print them: what `mco` shows of lists and maps, and what audit lines hold. Control and
// invisible characters come out as escapes, so that a node's data cannot steer a terminal. JSON has no symbols: the caller says
// which keys and texts print as such. [cli 6.3, agents 15]

import { INSPECT_DEPTH_MAX } from '#base/limits.ts'
import type { Value } from '#message/request.ts'

/** Where something stands in the value: keys and list positions from the root, e.g. `['agents', 0, 'timeout']`. */
export type Path = readonly (string | number)[]

export interface InspectOptions {
  /** True for keys that print as `:key=>`; the path ends in the key. Default: none. */
  readonly symbolKey?: (path: Path) => boolean
  /** True for texts that print as `:text`. Default: none. */
  readonly symbolValue?: (path: Path) => boolean
  /** True for texts that print without quotes, as Ruby's times do. Default: none. */
  readonly bareValue?: (path: Path) => boolean
}

/** The width of pretty-inspect, as in the original. [cli 6.3] */
export const PRETTY_WIDTH = 79

/** One line: `rubyInspect({ a: [1, null, 'x'] })` is `{"a"=>[1, nil, "x"]}`. */
export function rubyInspect(value: Value, options: InspectOptions = {}): string {
  return inspectAt(value, [], options)
}

/** Every key as a symbol, for `rubyInspect` and `prettyInspect`. */
export const SYMBOL_KEYS: InspectOptions = { symbolKey: () => true }

/**
 * Lines as Ruby's pp breaks them at `width` characters, joined by newlines, none at the end: elements one below the other behind
 * the bracket, a value that does not fit behind its key on the next line, one further in.
 */
export function prettyInspect(value: Value, options: InspectOptions = {}, width = PRETTY_WIDTH): string {
  const printer = new PrettyPrinter(width)
  prettyAt(value, [], options, printer)
  return printer.finish()
}

/** `:name`, or `:"na me"` where it is no plain name. */
export function symbolText(name: string): string {
  return PLAIN_SYMBOL.test(name) && printable(name) === name ? `:${name}` : `:${quoted(name)}`
}

const PLAIN_SYMBOL =
  /^(?:(?:@@?|\$)?[A-Za-z_\u0080-\u{10FFFF}][\w\u0080-\u{10FFFF}]*|[A-Za-z_\u0080-\u{10FFFF}][\w\u0080-\u{10FFFF}]*[?!=])$/u

/** Text in double quotes with Ruby's escapes: `quoted('a"b\n')` is `"a\"b\n"`. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\]|#(?=[{$@])/g, '\\$&').replace(UNPRINTABLE, escaped)}"`
}

/** Bare text for a terminal: characters that could move the cursor or hide something become escapes; newlines and tabs stay. */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(UNPRINTABLE, (c) => (c === '\n' || c === '\t' ? c : escaped(c)))
}

/** Ruby's to_s: text as it is, nil as nothing, everything else as inspect prints it. */
export function rubyText(value: Value): string {
  if (typeof value === 'string') return value
  return value === null ? '' : rubyInspect(value)
}

/** Most texts; to look characters up by their category takes ten times as long. */
const PLAIN = /^[ -~]*$/

/** Everything that is not a letter, mark, number, punctuation, symbol or blank; half surrogate pairs as well. */
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]/gu

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\t', '\\t'],
  ['\r', '\\r'],
  ['\x1b', '\\e'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\v', '\\v'],
  ['\f', '\\f'],
])

function escaped(c: string): string {
  const short = ESCAPES.get(c)
  if (short !== undefined) return short
  const hex = (c.codePointAt(0) ?? 0).toString(16).toUpperCase()
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`
}

/** A number as Ruby prints it: `1.0e-05` for 0.00001, all digits of whole numbers. */
export function numberText(value: number): string {
  if (Number.isInteger(value)) return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString()
  if (Number.isNaN(value)) return 'NaN'
  const size = Math.abs(value)
  if (size === Number.POSITIVE_INFINITY) return value > 0 ? 'Infinity' : '-Infinity'
  if (size >= 1e-4 && size < 1e15) return String(value)
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
}

function scalar(value: null | boolean | number | string, path: Path, options: InspectOptions): string {
  if (value === null || value === undefined) return 'nil'
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'string') {
    if (options.bareValue?.(path)) return printable(value)
    return options.symbolValue?.(path) ? symbolText(value) : quoted(value)
  }
  return String(value)
}

function keyText(path: Path, options: InspectOptions): string {
  const key = String(path.at(-1))
  return options.symbolKey?.(path) ? symbolText(key) : quoted(key)
}

function inspectAt(value: Value, path: Path, options: InspectOptions): string {
  if (value === null || typeof value !== 'object') return scalar(value, path, options)
  if (path.length >= INSPECT_DEPTH_MAX) return isList(value) ? '[...]' : '{...}'
  if (isList(value)) return `[${value.map((item, i) => inspectAt(item, [...path, i], options)).join(', ')}]`
  const pairs = Object.entries(value).map(([key, item]) => {
    const at = [...path, key]
    return `${keyText(at, options)}=>${inspectAt(item, at, options)}`
  })
  return `{${pairs.join(', ')}}`
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

function prettyAt(value: Value, path: Path, options: InspectOptions, printer: PrettyPrinter): void {
  if (value === null || typeof value !== 'object') {
    printer.text(scalar(value, path, options))
    return
  }
  if (path.length >= INSPECT_DEPTH_MAX) {
    printer.text(isList(value) ? '[...]' : '{...}')
    return
  }
  if (isList(value)) {
    printer.group(1, '[', ']', () => {
      for (const [i, item] of value.entries()) {
        if (i > 0) printer.comma()
        prettyAt(item, [...path, i], options, printer)
      }
    })
    return
  }
  printer.group(1, '{', '}', () => {
    for (const [i, [key, item]] of Object.entries(value).entries()) {
      if (i > 0) printer.comma()
      const at = [...path, key]
      printer.group(0, '', '', () => {
        printer.text(`${keyText(at, options)}=>`)
        printer.group(1, '', '', () => {
          printer.breakable('')
          prettyAt(item, at, options, printer)
        })
      })
    }
  })
}

interface Group {
  readonly depth: number
  broken: boolean
  /** Places of this group where the line may still be broken. */
  readonly breakables: Breakable[]
}

interface Breakable {
  readonly separator: string
  readonly indent: number
  readonly group: Group
}

/**
 * Oppen's algorithm as Ruby's prettyprint does it: text is held back until it is known to fit; when it does not, the outermost
 * group not yet broken is broken at all its places.
 */
class PrettyPrinter {
  readonly #width: number
  readonly #out: string[] = []
  #outWidth = 0
  #held: (string | Breakable)[] = []
  #heldFrom = 0
  #heldWidth = 0
  #indent = 0
  readonly #stack: Group[]
  /** Groups not yet broken, by depth. */
  readonly #queue: Group[][]

  constructor(width: number) {
    this.#width = width
    const root: Group = { depth: 0, broken: false, breakables: [] }
    this.#stack = [root]
    this.#queue = [[root]]
  }

  text(text: string): void {
    const width = lengthOf(text)
    if (this.#isEmpty()) {
      this.#out.push(text)
      this.#outWidth += width
      return
    }
    this.#held.push(text)
    this.#heldWidth += width
    this.#breakOutermost()
  }

  comma(): void {
    this.text(',')
    this.breakable(' ')
  }

  breakable(separator: string): void {
    const group = this.#stack.at(-1) as Group
    if (group.broken) {
      this.#flush()
      this.#newline(this.#indent)
      this.#heldWidth = 0
      return
    }
    const breakable = { separator, indent: this.#indent, group }
    group.breakables.push(breakable)
    this.#held.push(breakable)
    this.#heldWidth += separator.length
    this.#breakOutermost()
  }

  group(indent: number, open: string, close: string, body: () => void): void {
    this.text(open)
    const group: Group = { depth: this.#stack.length, broken: false, breakables: [] }
    this.#stack.push(group)
    const level = this.#queue[group.depth]
    if (level) level.push(group)
    else this.#queue[group.depth] = [group]
    this.#indent += indent
    body()
    this.#indent -= indent
    this.#stack.pop()
    if (group.breakables.length === 0) this.#forget(group)
    this.text(close)
  }

  finish(): string {
    this.#flush()
    return this.#out.join('')
  }

  #isEmpty(): boolean {
    return this.#heldFrom === this.#held.length
  }

  #newline(indent: number): void {
    this.#out.push(`\n${' '.repeat(indent)}`)
    this.#outWidth = indent
  }

  #breakOutermost(): void {
    while (this.#width < this.#outWidth + this.#heldWidth) {
      const group = this.#outermost()
      if (!group) return
      while (group.breakables.length > 0) this.#release()
      while (!this.#isEmpty() && typeof this.#held[this.#heldFrom] === 'string') this.#release()
    }
  }

  /** The outermost, last opened group with places to break; groups without any on the way are broken for good. */
  #outermost(): Group | undefined {
    for (const level of this.#queue) {
      const found = level.findLastIndex((group) => group.breakables.length > 0)
      if (found >= 0) {
        const [group] = level.splice(found, 1)
        if (group) group.broken = true
        return group
      }
      for (const group of level) group.broken = true
      level.length = 0
    }
    return undefined
  }

  #release(): void {
    const next = this.#held[this.#heldFrom++]
    if (this.#heldFrom > 1024) {
      this.#held = this.#held.slice(this.#heldFrom)
      this.#heldFrom = 0
    }
    if (next === undefined) return
    if (typeof next === 'string') {
      const width = lengthOf(next)
      this.#out.push(next)
      this.#outWidth += width
      this.#heldWidth -= width
      return
    }
    next.group.breakables.shift()
    this.#heldWidth -= next.separator.length
    if (next.group.broken) {
      this.#newline(next.indent)
      return
    }
    if (next.group.breakables.length === 0) this.#forget(next.group)
    this.#out.push(next.separator)
    this.#outWidth += next.separator.length
  }

  #flush(): void {
    while (!this.#isEmpty()) this.#release()
  }

  #forget(group: Group): void {
    const level = this.#queue[group.depth]
    const index = level?.lastIndexOf(group) ?? -1
    if (index >= 0) level?.splice(index, 1)
  }
}

/** Characters, not UTF-16 units. */
function lengthOf(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) length--
  return length
}
