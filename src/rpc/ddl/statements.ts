// Tokens of a DDL to its statements: commands such as `input :fact, :type => :string`, loops over lists, conditionals. Knows
// the grammar, not which command may stand where (declare.ts) nor what an expression gives (evaluate.ts). [agents 2.1]

import { DDL_DEPTH_MAX } from '#base/limits.ts'
import { type Place, syntaxError, type TextPart, type Token } from './lexer.ts'

export type Expression = Place &
  (
    | { readonly kind: 'constant'; readonly value: null | boolean }
    | { readonly kind: 'number'; readonly value: number; readonly float: boolean }
    | { readonly kind: 'text' | 'symbol'; readonly parts: readonly (string | Expression)[] }
    | { readonly kind: 'regex'; readonly source: string }
    | { readonly kind: 'list'; readonly items: readonly Expression[] }
    | { readonly kind: 'hash'; readonly pairs: readonly Pair[] }
    | { readonly kind: 'variable'; readonly name: string }
    | {
        readonly kind: 'method'
        readonly target: Expression
        readonly name: string
        readonly arguments: readonly Expression[]
      }
  )

export interface Pair {
  readonly key: Expression
  readonly value: Expression
}

export type Test = Place &
  (
    | { readonly kind: 'always' }
    | { readonly kind: 'compare'; readonly left: Expression; readonly right: Expression; readonly equal: boolean }
  )

export type Statement = Command | Loop | Conditional

/** `name arguments, key => value do block end`. */
export interface Command extends Place {
  readonly kind: 'command'
  readonly name: string
  readonly arguments: readonly Expression[]
  /** Pairs without braces at the end; an explicit `{...}` is an argument. */
  readonly pairs: readonly Pair[]
  /** `aggregate summary(:x)`: the call that follows the name. */
  readonly call?: Command
  readonly block?: readonly Statement[]
}

export interface Loop extends Place {
  readonly kind: 'loop'
  readonly list: Expression
  readonly variable: string
  readonly body: readonly Statement[]
}

export interface Conditional extends Place {
  readonly kind: 'conditional'
  readonly test: Test
  readonly negated: boolean
  readonly then: readonly Statement[]
  readonly else: readonly Statement[]
}

const BLOCK_COMMANDS = new Set(['action', 'dataquery', 'discovery', 'summarize'])
const COMMANDS = new Set([...BLOCK_COMMANDS, 'metadata', 'requires', 'usage'])
const INNER_COMMANDS = new Set(['display', 'input', 'output', 'aggregate', 'capabilities'])
const CONSTANTS: ReadonlyMap<string, null | boolean> = new Map([
  ['true', true],
  ['false', false],
  ['nil', null],
])
const RESERVED = new Set(['if', 'unless', 'else', 'elsif', 'end', 'do', 'then', 'not', 'and', 'or', 'while', 'until'])
export const METHODS: ReadonlyMap<string, number> = new Map([
  ['capitalize', 0],
  ['upcase', 0],
  ['downcase', 0],
  ['to_s', 0],
  ['to_sym', 0],
  ['freeze', 0],
  ['sub', 2],
  ['gsub', 2],
  ['join', 1],
])
const STATEMENTS_ALLOWED =
  'metadata, requires, usage, action, dataquery, discovery, [...].each, if and unless, and inside of blocks display, input, output, summarize, aggregate and capabilities'
const EXPRESSIONS_ALLOWED =
  'a text, a symbol, a number, true, false, nil, a regular expression, a list, a hash or a loop variable'

/** Statements of a file in order. Throws DDL_SYNTAX with file, line, column and what is allowed. */
export function parseStatements(tokens: readonly Token[], file: string): readonly Statement[] {
  const parser = new Parser(tokens, file, 0, new Set())
  const statements = parser.block(() => parser.isEnd())
  return statements
}

class Parser {
  readonly #tokens: readonly Token[]
  readonly #file: string
  /** Loop variables that can be read here. */
  readonly #variables: Set<string>
  #position = 0
  #depth: number

  constructor(tokens: readonly Token[], file: string, depth: number, variables: Set<string>) {
    this.#tokens = tokens
    this.#file = file
    this.#depth = depth
    this.#variables = variables
  }

  isEnd(): boolean {
    return this.#peek().kind === 'end'
  }

  block(closed: () => boolean): readonly Statement[] {
    const out: Statement[] = []
    for (;;) {
      this.#skipNewlines()
      if (closed()) return out
      out.push(this.#statement())
      const after = this.#peek()
      if (after.kind !== 'newline' && !closed()) throw this.#unexpected('the end of the line or a comma')
    }
  }

  #statement(): Statement {
    const token = this.#peek()
    if (this.#isPunctuation('[')) return this.#loop()
    if (token.kind !== 'word') throw this.#unexpected(STATEMENTS_ALLOWED)
    if (token.value === 'if' || token.value === 'unless') return this.#nested(() => this.#conditional())
    if (this.#variables.has(token.value)) return this.#loop()
    if (COMMANDS.has(token.value) || INNER_COMMANDS.has(token.value)) return this.#nested(() => this.#command())
    throw this.#unexpected(STATEMENTS_ALLOWED)
  }

  #command(): Command {
    const { line, column, value: name } = this.#word()
    const at = { line, column }
    if (name === 'aggregate') return this.#aggregate(at)
    const { arguments: given, pairs } = this.#arguments()
    if (!BLOCK_COMMANDS.has(name)) return { ...at, kind: 'command', name, arguments: given, pairs }
    if (!this.#isWord('do')) throw this.#unexpected(`do, which opens the block of ${name}`)
    this.#next()
    const block = this.block(() => this.#isWord('end'))
    this.#next()
    return { ...at, kind: 'command', name, arguments: given, pairs, block }
  }

  /** `aggregate summary(:x, {...}), :format => "..."`, the call in parentheses or not. */
  #aggregate(at: Place): Command {
    const wrapped = this.#isPunctuation('(')
    if (wrapped) this.#next()
    const name = this.#peek()
    if (name.kind !== 'word' || RESERVED.has(name.value))
      throw this.#unexpected('the name of a function, as in summary(:output)')
    this.#next()
    if (!this.#isPunctuation('(')) throw this.#unexpected(`( after ${name.value}, as in ${name.value}(:output)`)
    const inner = this.#arguments()
    const call: Command = { line: name.line, column: name.column, kind: 'command', name: name.value, ...inner }
    let more: { arguments: readonly Expression[]; pairs: readonly Pair[] } = { arguments: [], pairs: [] }
    if (this.#isPunctuation(',')) {
      this.#next()
      this.#skipNewlines()
      more = this.#argumentList(() => this.#endsArguments() || this.#isPunctuation(')'))
    }
    if (wrapped) this.#expect(')')
    return { ...at, kind: 'command', name: 'aggregate', ...more, call }
  }

  #arguments(): { arguments: readonly Expression[]; pairs: readonly Pair[] } {
    if (!this.#isPunctuation('(')) return this.#argumentList(() => this.#endsArguments())
    this.#next()
    this.#skipNewlines()
    const list = this.#argumentList(() => this.#isPunctuation(')'), true)
    this.#expect(')')
    return list
  }

  #endsArguments(): boolean {
    const token = this.#peek()
    if (token.kind === 'newline' || token.kind === 'end' || this.#isWord('do') || this.#isWord('end')) return true
    return token.kind === 'punctuation' && token.value === '}'
  }

  #argumentList(
    closed: () => boolean,
    multiline = false,
  ): { arguments: readonly Expression[]; pairs: readonly Pair[] } {
    const given: Expression[] = []
    const pairs: Pair[] = []
    while (!closed()) {
      const item = this.#pairOrExpression()
      if ('key' in item) pairs.push(item)
      else if (pairs.length > 0) throw syntaxError(this.#file, item, 'found a value after key => value pairs')
      else given.push(item)
      if (multiline) this.#skipNewlines()
      if (!this.#isPunctuation(',')) break
      this.#next()
      this.#skipNewlines()
      if (closed() && !multiline) throw this.#unexpected('another argument after the comma')
    }
    return { arguments: given, pairs }
  }

  #pairOrExpression(): Pair | Expression {
    const token = this.#peek()
    if (token.kind === 'label') {
      this.#next()
      this.#skipNewlines()
      const key: Expression = { line: token.line, column: token.column, kind: 'symbol', parts: [token.value] }
      return { key, value: this.#expression() }
    }
    const expression = this.#expression()
    if (!this.#isPunctuation('=>')) return expression
    this.#next()
    this.#skipNewlines()
    return { key: expression, value: this.#expression() }
  }

  #loop(): Loop {
    const { line, column } = this.#peek()
    const list = this.#expression(true)
    const opener = this.#peek()
    const braces = this.#isPunctuation('{')
    if (!braces && !this.#isWord('do')) throw this.#unexpected('do or { after .each')
    this.#next()
    this.#expect('|')
    const variable = this.#word().value
    if (
      !/^[a-z_]\w*$/.test(variable) ||
      RESERVED.has(variable) ||
      CONSTANTS.has(variable) ||
      COMMANDS.has(variable) ||
      INNER_COMMANDS.has(variable)
    )
      throw syntaxError(this.#file, opener, `'${variable}' cannot be the name of a loop variable`)
    this.#expect('|')
    const known = this.#variables.has(variable)
    this.#variables.add(variable)
    const body = this.#nested(() => this.block(() => (braces ? this.#isPunctuation('}') : this.#isWord('end'))))
    if (!known) this.#variables.delete(variable)
    this.#next()
    return { line, column, kind: 'loop', list, variable, body }
  }

  #conditional(): Conditional {
    const { line, column, value } = this.#word()
    const test = this.#test()
    if (this.#isWord('then')) this.#next()
    else if (this.#peek().kind !== 'newline') throw this.#unexpected('the end of the line or then')
    const then = this.block(() => this.#isWord('end') || this.#isWord('else') || this.#isWord('elsif'))
    if (this.#isWord('elsif') && value !== 'unless') {
      // `elsif` is an `if` in the else branch that shares the one `end`.
      return {
        line,
        column,
        kind: 'conditional',
        test,
        negated: false,
        then,
        else: [this.#nested(() => this.#conditional())],
      }
    }
    let otherwise: readonly Statement[] = []
    if (this.#isWord('else')) {
      this.#next()
      otherwise = this.block(() => this.#isWord('end'))
    }
    if (!this.#isWord('end')) throw this.#unexpected('end')
    this.#next()
    return { line, column, kind: 'conditional', test, negated: value === 'unless', then, else: otherwise }
  }

  #test(): Test {
    const { line, column } = this.#peek()
    if (this.#isPunctuation('(')) {
      this.#next()
      const test = this.#nested(() => this.#test())
      this.#expect(')')
      return test
    }
    if (this.#isWord('respond_to?')) return this.#respondTo()
    const left = this.#expression()
    const operator = this.#peek()
    if (!this.#isPunctuation('==') && !this.#isPunctuation('!=')) throw this.#unexpected('== or !=')
    this.#next()
    this.#skipNewlines()
    return { line, column, kind: 'compare', left, right: this.#expression(), equal: operator.raw === '==' }
  }

  /** `respond_to?(:summarize)`: how DDLs ask for a framework newer than 1.x; every word of the language is known here. */
  #respondTo(): Test {
    const { line, column } = this.#next()
    const wrapped = this.#isPunctuation('(')
    if (wrapped) this.#next()
    const name = this.#peek()
    if (name.kind !== 'symbol' || !(COMMANDS.has(name.value) || INNER_COMMANDS.has(name.value)))
      throw this.#unexpected('a word of the DDL language, as in respond_to?(:summarize)')
    this.#next()
    if (wrapped) this.#expect(')')
    return { line, column, kind: 'always' }
  }

  /** With `untilEach` stops behind `.each`, which must come. */
  #expression(untilEach = false): Expression {
    let expression = this.#nested(() => this.#primary())
    for (let methods = 0; ; methods++) {
      const dot = this.#afterNewlines('.')
      if (!dot) break
      const { line, column, value: name } = this.#word()
      if (untilEach && name === 'each') return expression
      if (methods >= DDL_DEPTH_MAX) throw syntaxError(this.#file, dot, `more than ${DDL_DEPTH_MAX} methods in a row`)
      expression = {
        line,
        column,
        kind: 'method',
        target: expression,
        name,
        arguments: this.#methodArguments(name, dot),
      }
    }
    if (untilEach) throw this.#unexpected('.each')
    return expression
  }

  #methodArguments(name: string, at: Place): readonly Expression[] {
    const count = METHODS.get(name)
    if (count === undefined)
      throw syntaxError(
        this.#file,
        at,
        `found the method '${name}', allowed are ${[...METHODS.keys()].join(', ')} and, for a loop, each`,
      )
    let given: readonly Expression[] = []
    if (this.#isPunctuation('(')) {
      const list = this.#arguments()
      if (list.pairs.length > 0) throw syntaxError(this.#file, at, `${name} takes no key => value pairs`)
      given = list.arguments
    }
    if (given.length !== count && !(name === 'join' && given.length === 0))
      throw syntaxError(this.#file, at, `${name} takes ${count} arguments, ${given.length} are given`)
    return given
  }

  #primary(): Expression {
    const token = this.#next()
    const { line, column } = token
    const at = { line, column }
    switch (token.kind) {
      case 'text':
        return { ...at, kind: 'text', parts: token.parts.map((part) => this.#textPart(part)) }
      case 'quotedSymbol':
        return { ...at, kind: 'symbol', parts: token.parts.map((part) => this.#textPart(part)) }
      case 'symbol':
        return { ...at, kind: 'symbol', parts: [token.value] }
      case 'integer':
      case 'float':
        return { ...at, kind: 'number', value: token.value, float: token.kind === 'float' }
      case 'regex':
        return { ...at, kind: 'regex', source: token.value }
      case 'word': {
        const constant = CONSTANTS.get(token.value)
        if (constant !== undefined) return { ...at, kind: 'constant', value: constant }
        if (this.#variables.has(token.value)) return { ...at, kind: 'variable', name: token.value }
        break
      }
      case 'punctuation':
        if (token.value === '[') return this.#list(at)
        if (token.value === '{') return this.#hash(at)
    }
    this.#position--
    throw this.#unexpected(EXPRESSIONS_ALLOWED)
  }

  #textPart(part: TextPart): string | Expression {
    if (typeof part === 'string') return part
    const inner = new Parser(part, this.#file, this.#depth, this.#variables)
    inner.#skipNewlines()
    const expression = inner.#expression()
    inner.#skipNewlines()
    if (!inner.isEnd()) throw inner.#unexpected('the } that closes the #{')
    return expression
  }

  #list(at: Place): Expression {
    this.#skipNewlines()
    const { arguments: items, pairs } = this.#argumentList(() => this.#isPunctuation(']'), true)
    if (pairs.length > 0) throw syntaxError(this.#file, at, 'a list holds values, not key => value pairs')
    this.#expect(']')
    return { ...at, kind: 'list', items }
  }

  #hash(at: Place): Expression {
    this.#skipNewlines()
    const { arguments: values, pairs } = this.#argumentList(() => this.#isPunctuation('}'), true)
    const stray = values[0]
    if (stray) throw syntaxError(this.#file, stray, 'a hash holds key => value pairs')
    this.#expect('}')
    return { ...at, kind: 'hash', pairs }
  }

  #nested<T>(parse: () => T): T {
    if (this.#depth >= DDL_DEPTH_MAX)
      throw syntaxError(this.#file, this.#peek(), `blocks, lists and hashes nest deeper than ${DDL_DEPTH_MAX}`)
    this.#depth++
    const result = parse()
    this.#depth--
    return result
  }

  #peek(): Token {
    // Token lists end in an `end` token, beyond which nothing reads.
    return this.#tokens[Math.min(this.#position, this.#tokens.length - 1)] as Token
  }

  #next(): Token {
    const token = this.#peek()
    this.#position++
    return token
  }

  #word(): Token & { kind: 'word'; value: string } {
    const token = this.#peek()
    if (token.kind !== 'word') throw this.#unexpected('a name')
    this.#position++
    return token as Token & { kind: 'word'; value: string }
  }

  #isWord(value: string): boolean {
    const token = this.#peek()
    return token.kind === 'word' && token.value === value
  }

  #isPunctuation(value: string): boolean {
    const token = this.#peek()
    return token.kind === 'punctuation' && token.value === value
  }

  #expect(value: string): void {
    if (value === ')') this.#skipNewlines()
    if (!this.#isPunctuation(value)) throw this.#unexpected(value)
    this.#position++
  }

  /** The punctuation if it comes next, be it on a following line: `.each` may open a line. */
  #afterNewlines(value: string): Token | null {
    const start = this.#position
    this.#skipNewlines()
    if (this.#isPunctuation(value)) return this.#next()
    this.#position = start
    return null
  }

  #skipNewlines(): void {
    while (this.#peek().kind === 'newline') this.#position++
  }

  #unexpected(allowed: string): Error {
    const token = this.#peek()
    const found = token.raw.length > 40 ? `${token.raw.slice(0, 40)}...` : token.raw
    return syntaxError(this.#file, token, `found ${JSON.stringify(found)}, allowed here: ${allowed}`)
  }
}
