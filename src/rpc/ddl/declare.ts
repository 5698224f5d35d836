// Statements of a DDL to the Ddl they declare: unrolls loops, takes branches, and checks that every declaration is complete
// and says something that can be. What a declaration may hold is in declarations.ts. [agents 2.2]

import { TroupeError } from '#base/errors.ts'
import { DDL_STATEMENTS_MAX } from '#base/limits.ts'
import type { Value } from '#message/request.ts'
import type { AggregateDdl, Ddl, InputDdl, Metadata, OutputDdl, PluginKind } from './ddl.ts'
import {
  type ActionParts,
  type Capability,
  type Declared,
  declaredAggregate,
  declaredCapability,
  declaredDisplay,
  declaredInput,
  declaredMetadata,
  declaredOutput,
  declaredRequirement,
  type Fail,
  finishDdl,
  textFrom,
} from './declarations.ts'
import { type Datum, evaluate, evaluateTest, keyText, plainValue, type Scope } from './evaluate.ts'
import { type Place, syntaxError } from './lexer.ts'
import type { Command, Expression, Pair, Statement } from './statements.ts'

export interface DeclareOptions {
  readonly kind: PluginKind
  readonly name: string
  readonly file: string
  /** Version of the framework, against which `requires` is checked; absent: not checked. */
  readonly version?: string
}

/** Where a statement stands: at the top, or in the block of a command. */
type Context = 'file' | 'action' | 'dataquery' | 'discovery' | 'summarize'

const ALLOWED: Readonly<Record<Context, (kind: PluginKind) => readonly string[]>> = {
  file: (kind) => ['metadata', 'requires', 'usage', ...(OWN_COMMAND[kind] ? [OWN_COMMAND[kind]] : [])],
  action: () => ['display', 'input', 'output', 'summarize'],
  dataquery: () => ['input', 'output'],
  discovery: () => ['capabilities'],
  summarize: () => ['aggregate'],
}

const OWN_COMMAND: Readonly<Partial<Record<PluginKind, string>>> = {
  agent: 'action',
  data: 'dataquery',
  discovery: 'discovery',
}

/** Throws DDL_SYNTAX (a command where it may not stand), DDL_INVALID, DDL_REQUIRES and DDL_TOO_LARGE. */
export function declareDdl(statements: readonly Statement[], options: DeclareOptions): Ddl {
  const declaration = new Declaration(options)
  declaration.run(statements, 'file')
  return declaration.finish()
}

class Declaration {
  readonly #options: DeclareOptions
  readonly #scope: Scope
  #statements = 0
  #metadata: Metadata | undefined
  #requires: string | undefined
  #usage: string | undefined
  #actions = new Map<string, ActionParts>()
  #capabilities = new Set<Capability>()
  /** What the statements of the block being read go to. */
  #parts: ActionParts | undefined
  #query: ActionParts | undefined

  constructor(options: DeclareOptions) {
    this.#options = options
    this.#scope = { file: options.file, variables: new Map(), textLength: 0 }
  }

  run(statements: readonly Statement[], context: Context): void {
    for (const statement of statements) {
      if (++this.#statements > DDL_STATEMENTS_MAX) {
        throw new TroupeError(
          'DDL_TOO_LARGE',
          `cannot read ${this.#options.file} line ${statement.line}: its loops make more than ${DDL_STATEMENTS_MAX} statements`,
        )
      }
      if (statement.kind === 'loop') this.#loop(statement, context)
      else if (statement.kind === 'conditional')
        this.run(
          evaluateTest(statement.test, this.#scope) === statement.negated ? statement.else : statement.then,
          context,
        )
      else this.#command(statement, context)
    }
  }

  finish(): Ddl {
    const { kind, name, file } = this.#options
    const fail: Fail = (problem) =>
      new TroupeError('DDL_INVALID', `cannot use ${file}: ${problem}`, { details: { file } })
    if (!this.#metadata) throw fail('it has no metadata')
    const common = {
      name,
      metadata: this.#metadata,
      ...(this.#requires === undefined ? {} : { requires: this.#requires }),
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
    }
    return finishDdl(kind, common, [...this.#actions.values()], this.#query, [...this.#capabilities], fail)
  }

  #loop(loop: Statement & { kind: 'loop' }, context: Context): void {
    const list = evaluate(loop.list, this.#scope)
    if (list === null || typeof list !== 'object' || list.kind !== 'list')
      throw syntaxError(this.#options.file, loop, 'each works on lists only')
    const { variables } = this.#scope
    const outer = variables.get(loop.variable)
    for (const item of list.items) {
      // Counted here as well, for loops around nothing.
      this.#statements++
      variables.set(loop.variable, item)
      this.run(loop.body, context)
    }
    if (outer === undefined) variables.delete(loop.variable)
    else variables.set(loop.variable, outer)
  }

  #command(command: Command, context: Context): void {
    const allowed = ALLOWED[context](this.#options.kind)
    if (!allowed.includes(command.name)) {
      const where = context === 'file' ? `at the top of ${this.#options.kind} DDLs` : `in a block of ${context}`
      throw syntaxError(this.#options.file, command, `found '${command.name}', allowed ${where}: ${allowed.join(', ')}`)
    }
    switch (command.name) {
      case 'metadata':
        this.#metadata = declaredMetadata(this.#properties(command, 0), this.#fail(command))
        return
      case 'requires':
        this.#requires = declaredRequirement(this.#properties(command, 0), this.#options, this.#fail(command))
        return
      case 'usage':
        this.#usage = textFrom(this.#only(command), 'usage', this.#fail(command))
        return
      case 'action':
        this.#action(command)
        return
      case 'dataquery':
        this.#dataquery(command)
        return
      case 'discovery':
        this.#noArguments(command)
        this.run(command.block ?? [], 'discovery')
        return
      case 'capabilities':
        this.#addCapabilities(command)
        return
      case 'summarize':
        this.#noArguments(command)
        this.run(command.block ?? [], 'summarize')
        return
      default:
        this.#item(command)
    }
  }

  /** A command inside of an action or a data query. */
  #item(command: Command): void {
    const parts = this.#parts
    if (!parts) return
    const fail = this.#fail(command)
    switch (command.name) {
      case 'display':
        parts.display = declaredDisplay(this.#only(command), fail)
        return
      case 'input': {
        const input = declaredInput(this.#nameOf(command), this.#properties(command, 1), this.#options.kind, fail)
        parts.inputs.set(input.name, input)
        return
      }
      case 'output': {
        const output = declaredOutput(this.#nameOf(command), this.#properties(command, 1), fail)
        parts.outputs.set(output.name, output)
        return
      }
      case 'aggregate':
        parts.aggregates.push(this.#aggregate(command))
    }
  }

  /** Naming an action again adds to it; its first description stays. */
  #action(command: Command): void {
    const fail = this.#fail(command)
    const name = this.#nameOf(command)
    const description = textFrom(
      this.#properties(command, 1).values.get('description'),
      `action ${name}: :description`,
      fail,
    )
    let parts = this.#actions.get(name)
    if (!parts) {
      parts = newParts(name, description)
      this.#actions.set(name, parts)
    }
    this.#fill(parts, command, 'action')
  }

  #dataquery(command: Command): void {
    const fail = this.#fail(command)
    if (this.#query) throw fail('data queries can only have one definition')
    const description = textFrom(
      this.#properties(command, 0).values.get('description'),
      'dataquery: :description',
      fail,
    )
    this.#query = newParts(this.#options.name, description)
    this.#fill(this.#query, command, 'dataquery')
  }

  #fill(parts: ActionParts, command: Command, context: Context): void {
    this.#parts = parts
    this.run(command.block ?? [], context)
    this.#parts = undefined
  }

  #aggregate(command: Command): AggregateDdl {
    const { call } = command
    if (!call) throw this.#fail(command)('aggregate needs a function, as in summary(:output)')
    const [output, ...more] = call.arguments
    const values = new Map<string, Value>()
    for (const argument of more) {
      if (argument.kind !== 'hash') throw this.#fail(argument)(`${call.name} takes an output and a hash of arguments`)
      for (const [key, value] of this.#values(argument.pairs)) values.set(key, value)
    }
    for (const [key, value] of this.#values(call.pairs)) values.set(key, value)
    const options = this.#properties(command, 0)
    const name = output === undefined ? undefined : this.#plain(output)
    return declaredAggregate(call.name, name, values, options, this.#fail(call))
  }

  #addCapabilities(command: Command): void {
    const given = this.#only(command)
    const items = Array.isArray(given) ? given : [given]
    if (items.length === 0) throw this.#fail(command)("capabilities can't be empty")
    for (const item of items) this.#capabilities.add(declaredCapability(item, this.#fail(command)))
  }

  #nameOf(command: Command): string {
    const [first] = command.arguments
    const name = first === undefined ? undefined : this.#plain(first)
    if (typeof name !== 'string') throw this.#fail(command)(`${command.name} needs a name`)
    return name
  }

  /** The pairs of a command, in a hash or bare, after `skip` other arguments. */
  #properties(command: Command, skip: number): Declared {
    const hashes = command.arguments.slice(skip)
    const validation: { datum?: Datum } = {}
    const values = new Map<string, Value>()
    const [hash] = hashes
    if (hashes.length > 1 || (hash && hash.kind !== 'hash') || (hash && command.pairs.length > 0))
      throw this.#fail(command)(`${command.name} takes ${skip === 1 ? 'a name and ' : ''}key => value pairs`)
    for (const { key, value } of hash?.kind === 'hash' ? hash.pairs : command.pairs) {
      const name = keyText(evaluate(key, this.#scope), key, this.#options.file)
      const datum = evaluate(value, this.#scope)
      if (name === 'validation') validation.datum = datum
      else values.set(name, plainValue(datum, value, this.#options.file))
    }
    return { values, ...(validation.datum === undefined ? {} : { validation: validation.datum }) }
  }

  #values(pairs: readonly Pair[]): readonly (readonly [string, Value])[] {
    return pairs.map(({ key, value }) => [
      keyText(evaluate(key, this.#scope), key, this.#options.file),
      this.#plain(value),
    ])
  }

  #only(command: Command): Value {
    const [first, ...rest] = command.arguments
    if (first === undefined || rest.length > 0 || command.pairs.length > 0)
      throw this.#fail(command)(`${command.name} takes exactly one value`)
    return this.#plain(first)
  }

  #noArguments(command: Command): void {
    if (command.arguments.length > 0 || command.pairs.length > 0)
      throw this.#fail(command)(`${command.name} takes no arguments`)
  }

  #plain(expression: Expression): Value {
    return plainValue(evaluate(expression, this.#scope), expression, this.#options.file)
  }

  #fail(at: Place): Fail {
    const { file } = this.#options
    return (problem) =>
      new TroupeError('DDL_INVALID', `cannot use ${file} line ${at.line}: ${problem}`, {
        details: { file, line: at.line },
      })
  }
}

function newParts(name: string, description: string): ActionParts {
  return {
    name,
    description,
    display: 'failed',
    inputs: new Map<string, InputDdl>(),
    outputs: new Map<string, OutputDdl>(),
    aggregates: [],
  }
}
