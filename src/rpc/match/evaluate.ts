// Whether a filter selects a node. Kinds are ANDed, identities ORed, an empty filter selects everyone. What it may cost is
// bounded: a filter that would keep the node busy ends in an error, which the daemon counts and logs. [cli 4, wire 6, B-007]

import { messageOf, TroupeError } from '#base/errors.ts'
import { FILTER_COST_MAX, REGEX_COMPILE_COST } from '#base/limits.ts'
import type { CompoundToken, DataTest, FactTest, Filter, NameTest } from '#message/filter.ts'
import type { Values } from '#message/request.ts'
import { compileRegex, isRegexCached, type Regex } from '../regex.ts'
import { compareFact, compareOutput, factTexts } from './compare.ts'
import { evaluationOrder, type Step } from './compound-order.ts'
import { nameRegex } from './name-test.ts'

/** What a filter is held against; a daemon's node, or a registration on the roster. */
export interface MatchSubject {
  readonly identity: string
  readonly agents: readonly string[]
  readonly classes: readonly string[]
  /** null: not known, so that tests of facts cannot be decided. */
  readonly facts: Values | null
}

/**
 * Asks a data plugin of the node, within the plugin's time-out. Resolves to undefined when the node has no such plugin or its DDL
 * refuses the query: then the whole expression is false, also under `not`. Rejects when the plugin fails.
 */
export type QueryData = (source: string, query: string | null) => Promise<Values | undefined>

/** `error`: it could not be decided, e.g. a regular expression that cannot be used, or a data plugin that failed. */
export type Evaluation =
  | { readonly result: 'match' | 'mismatch' }
  | { readonly result: 'error'; readonly code: string; readonly reason: string }

const MATCH: Evaluation = { result: 'match' }
const MISMATCH: Evaluation = { result: 'mismatch' }

/**
 * Decides a filter, at once unless it has data tests: those are asked only when everything else matches, all at the same time, each
 * query once. Never throws.
 */
export function evaluateFilter(
  filter: Filter,
  subject: MatchSubject,
  queryData: QueryData,
): Evaluation | Promise<Evaluation> {
  const tests = new Tests(subject)
  try {
    if (!tests.plain(filter)) return MISMATCH
    const withData: Step[][] = []
    for (const tokens of filter.compounds) {
      const steps = stepsOf(tokens)
      if (steps.some((step) => step.kind === 'data')) withData.push(steps)
      else if (!tests.compound(steps, NO_OUTPUTS)) return MISMATCH
    }
    return withData.length === 0 ? MATCH : decideWithData(withData, tests, queryData)
  } catch (error) {
    return undecided(error)
  }
}

/** Decides one compound expression like evaluateFilter does. */
export function evaluateCompound(
  tokens: readonly CompoundToken[],
  subject: MatchSubject,
  queryData: QueryData,
): Evaluation | Promise<Evaluation> {
  const nothing: Filter = { facts: [], classes: [], agents: [], identities: [], compounds: [tokens] }
  return evaluateFilter(nothing, subject, queryData)
}

/** True when a registration (names and facts) is enough to decide the filter: it has no data tests. */
export function canDecideFromRegistration(filter: Filter): boolean {
  return !filter.compounds.some((tokens) => tokens.some((token) => token.kind === 'data'))
}

function undecided(error: unknown): Evaluation {
  const code = error instanceof TroupeError ? error.code : 'FILTER_DATA_FAILED'
  return { result: 'error', code, reason: messageOf(error) }
}

function stepsOf(tokens: readonly CompoundToken[]): Step[] {
  const steps = evaluationOrder(tokens)
  if (Array.isArray(steps)) return steps
  throw new TroupeError(
    'FILTER_BAD_COMPOUND',
    `cannot evaluate a compound filter: ${steps.why} at token ${steps.index + 1}`,
  )
}

/** Outputs by query; undefined as a value: the node has no such plugin. */
type Outputs = ReadonlyMap<string, Values | undefined>
const NO_OUTPUTS: Outputs = new Map()

const queryKey = (test: DataTest): string => JSON.stringify([test.source, test.query])

async function decideWithData(compounds: Step[][], tests: Tests, queryData: QueryData): Promise<Evaluation> {
  const queries = new Map<string, DataTest>()
  for (const step of compounds.flat()) if (step.kind === 'data') queries.set(queryKey(step.test), step.test)
  try {
    const outputs: Outputs = new Map(
      await Promise.all(
        [...queries].map(async ([key, test]) => [key, await answer(test, queryData)] as [string, Values | undefined]),
      ),
    )
    if ([...outputs.values()].includes(undefined)) return MISMATCH
    return compounds.every((steps) => tests.compound(steps, outputs)) ? MATCH : MISMATCH
  } catch (error) {
    return undecided(error)
  }
}

async function answer(test: DataTest, queryData: QueryData): Promise<Values | undefined> {
  try {
    return await queryData(test.source, test.query)
  } catch (error) {
    throw new TroupeError('FILTER_DATA_FAILED', `cannot decide ${shown(test)}: ${messageOf(error)}`, { cause: error })
  }
}

function shown(test: DataTest): string {
  return `${test.source}(${test.query === null ? '' : `'${test.query}'`}).${test.output}`
}

/** The single tests, all paid for from one budget. */
class Tests {
  #left = FILTER_COST_MAX
  readonly #subject: MatchSubject

  constructor(subject: MatchSubject) {
    this.#subject = subject
  }

  plain(filter: Filter): boolean {
    const { identity, agents } = this.#subject
    return (
      (filter.identities.length === 0 || filter.identities.some((test) => this.#name(test, [identity]))) &&
      filter.agents.every((test) => test === 'mcollective' || this.#name(test, agents)) &&
      filter.classes.every((test) => this.#name(test, this.#subject.classes)) &&
      filter.facts.every((test) => this.#fact(test))
    )
  }

  /** All operands are decided, as in the original, so that an error never depends on the order of terms. */
  compound(steps: readonly Step[], outputs: Outputs): boolean {
    const stack: boolean[] = []
    for (const step of steps) {
      switch (step.kind) {
        case 'not':
          stack.push(!stack.pop())
          break
        case 'and':
        case 'or': {
          const right = stack.pop() === true
          const left = stack.pop() === true
          stack.push(step.kind === 'and' ? left && right : left || right)
          break
        }
        case 'class':
          stack.push(this.#name(step.class, this.#subject.classes))
          break
        case 'fact':
          stack.push(this.#fact(step.test))
          break
        case 'data':
          stack.push(this.#data(step.test, outputs.get(queryKey(step.test))))
      }
    }
    return stack.pop() === true
  }

  #spend(cost: number): void {
    this.#left -= cost
    if (this.#left < 0) {
      throw new TroupeError('FILTER_TOO_COSTLY', 'cannot evaluate a filter: it would keep the node busy for too long')
    }
  }

  #regex(source: string): Regex {
    const known = isRegexCached(source)
    const regex = compileRegex(source)
    this.#spend(known ? 1 : regex.size * REGEX_COMPILE_COST)
    return regex
  }

  #search(regex: Regex, text: string): boolean {
    this.#spend(1 + regex.size * text.length)
    return regex.test(text)
  }

  #name(test: NameTest, names: readonly string[]): boolean {
    const source = nameRegex(test)
    if (source === null) {
      this.#spend(1 + names.length / 8)
      return names.includes(test)
    }
    if (source === '')
      throw new TroupeError('FILTER_BAD_REGEX', `cannot use the test '${test}': it would match every name`)
    const regex = this.#regex(source)
    return names.some((name) => this.#search(regex, name))
  }

  #fact(test: FactTest): boolean {
    const { facts } = this.#subject
    if (facts === null)
      throw new TroupeError('FILTER_DATA_FAILED', `cannot test the fact '${test.fact}': the facts are not known`)
    const regex = test.operator === '=~' ? this.#regex(test.value) : null
    const texts = factTexts(facts, test.fact)
    if (!texts) return false
    this.#spend(1 + texts.length)
    const { operator, value } = test
    if (regex || operator === '=~') return texts.some((text) => regex !== null && this.#search(regex, text))
    return texts.some((text) => {
      this.#spend(1 + text.length / 64)
      return compareFact(text, operator, value)
    })
  }

  #data(test: DataTest, outputs: Values | undefined): boolean {
    const output = outputs && Object.hasOwn(outputs, test.output) ? outputs[test.output] : null
    const { operator, value } = test
    const regex = operator === '=~' || operator === '!~' ? this.#regex(value) : null
    if (output === null || output === undefined || test.query?.includes('`')) return false
    if (operator === '=~' || operator === '!~') {
      if (typeof output !== 'string' || !regex) return false
      return this.#search(regex, output) === (operator === '=~')
    }
    const decided = compareOutput(output, operator, value)
    if (decided !== null) return decided
    const wanted = typeof output === 'number' ? 'a number' : 'true or false'
    throw new TroupeError(
      'FILTER_DATA_FAILED',
      `cannot decide ${shown(test)}: it is ${output}, so it can only be compared with ${wanted}, not with '${value}'`,
    )
  }
}
