// Whether a filter fits nodes as far as their registrations tell: yes, no, or undecided (facts not known, facts that change by
// themselves, data plugins). Each test is made once per distinct value, not per node: the nodes of a fleet have most of them in
// common. The single tests are rpc/match's own. [cli 4, agents 16]

import { parseJson } from '#base/parse-json.ts'
import type { Filter } from '#message/filter.ts'
import { EMPTY_FILTER } from '#message/filter.ts'
import type { Values } from '#message/request.ts'
import { evaluationOrder, type Step } from '../match/compound-order.ts'
import { evaluateFilter, type MatchSubject } from '../match/evaluate.ts'
import { isVolatileFact } from './volatile-facts.ts'

export type Decision = 'yes' | 'no' | 'undecided'

/** A node as its registration describes it; lists and facts are numbers of texts, see text-pool.ts. */
export interface Described {
  readonly identity: string
  readonly agents: number
  readonly classes: number
  /** Pairs of name and value, sorted by the number of the name; null: not known. */
  readonly facts: Uint32Array | null
}

export interface Texts {
  text(id: number): string
  find(text: string): number | undefined
}

type Test = (node: Described) => Decision

type Evaluate = (filter: Partial<Filter>, subject: Partial<MatchSubject>) => Decision

/**
 * Makes the decision for one filter; to be used at once, as the numbers of texts are only good until the next registration. When
 * `isOver` says so nothing further is evaluated: the filter is too costly to decide for everyone here.
 */
export function createDecision(filter: Filter, texts: Texts, isOver: () => boolean): Test {
  const evaluate: Evaluate = (part, subject) => (isOver() ? 'undecided' : evaluateNow(part, subject))
  const make = testsOf(texts, evaluate)
  const tests: Test[] = [
    ...(filter.identities.length > 0 ? [make.identity(filter.identities)] : []),
    ...filter.agents.map((name) => make.list('agents', { agents: [name] })),
    ...filter.classes.map((name) => make.list('classes', { classes: [name] })),
    ...filter.facts.map((test) => make.fact(test.fact, { facts: [test] })),
    ...filter.compounds.map((tokens) => {
      const steps = evaluationOrder(tokens)
      return Array.isArray(steps) ? make.compound(steps) : () => 'undecided' as const
    }),
  ]
  return (node) => {
    let decision: Decision = 'yes'
    for (const test of tests) {
      const outcome = test(node)
      if (outcome === 'no') return 'no'
      if (outcome === 'undecided') decision = 'undecided'
    }
    return decision
  }
}

const nobody: MatchSubject = { identity: '', agents: [], classes: [], facts: {} }

/** One test by rpc/match itself. What it cannot evaluate, the node shall decide. */
function evaluateNow(filter: Partial<Filter>, subject: Partial<MatchSubject>): Decision {
  const evaluation = evaluateFilter({ ...EMPTY_FILTER, ...filter }, { ...nobody, ...subject }, async () => undefined)
  if (evaluation instanceof Promise || evaluation.result === 'error') return 'undecided'
  return evaluation.result === 'match' ? 'yes' : 'no'
}

/** The kinds of tests, all evaluated by `evaluate`. */
function testsOf(texts: Texts, evaluate: Evaluate) {
  return { identity: identityTest, list: listTest, fact: factTest, compound: compoundTest }

  function identityTest(identities: Filter['identities']): Test {
    const plain = new Set(identities.filter((test) => !test.startsWith('/')))
    const regexes = identities.filter((test) => test.startsWith('/'))
    return ({ identity }) => {
      if (plain.has(identity)) return 'yes'
      return regexes.length === 0 ? 'no' : evaluate({ identities: regexes }, { identity })
    }
  }

  function listTest(kind: 'agents' | 'classes', filter: Partial<Filter>): Test {
    const known = new Map<number, Decision>()
    return (node) => {
      const id = node[kind]
      let decision = known.get(id)
      if (decision === undefined) {
        decision = evaluate(filter, { [kind]: JSON.parse(texts.text(id)) as string[] })
        known.set(id, decision)
      }
      return decision
    }
  }

  /** A test of `os.family` looks at the fact of that very name and at `os`. */
  function factTest(fact: string, filter: Partial<Filter>): Test {
    const top = fact.split('.', 1)[0] ?? ''
    if (isVolatileFact(fact) || isVolatileFact(top)) return () => 'undecided'
    const names = top === fact ? [fact] : [fact, top]
    const ids = names.map((name) => texts.find(name))
    const known = new Map<number, Decision>()
    const absent = evaluate(filter, { facts: {} })
    return (node) => {
      if (node.facts === null) return 'undecided'
      for (let i = 0; i < names.length; i++) {
        const id = ids[i]
        const value = id === undefined ? undefined : findValue(node.facts, id)
        if (value === undefined) continue
        // The number of a value stands for name and value: each name has its own turn.
        const key = value * 2 + i
        let decision = known.get(key)
        if (decision === undefined) {
          decision = evaluate(filter, { facts: { [names[i] ?? '']: parseJson(texts.text(value)) } as Values })
          known.set(key, decision)
        }
        return decision
      }
      return absent
    }
  }

  function compoundTest(steps: readonly Step[]): Test {
    const tests = steps.map((step): Test | undefined => {
      if (step.kind === 'class') return listTest('classes', { classes: [step.class] })
      if (step.kind === 'fact') return factTest(step.test.fact, { facts: [step.test] })
      return step.kind === 'data' ? () => 'undecided' : undefined
    })
    return (node) => {
      const stack: Decision[] = []
      for (const [i, step] of steps.entries()) {
        const test = tests[i]
        if (test) stack.push(test(node))
        else if (step.kind === 'not') stack.push(opposite(stack.pop()))
        else stack.push(joined(step.kind === 'and' ? 'no' : 'yes', stack.pop(), stack.pop()))
      }
      return stack.pop() ?? 'undecided'
    }
  }
}

/** Binary search in pairs sorted by their first number. */
function findValue(facts: Uint32Array, name: number): number | undefined {
  let low = 0
  let high = facts.length / 2 - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = facts[middle * 2] ?? 0
    if (found === name) return facts[middle * 2 + 1]
    if (found < name) low = middle + 1
    else high = middle - 1
  }
  return undefined
}

function opposite(decision: Decision = 'undecided'): Decision {
  if (decision === 'undecided') return decision
  return decision === 'yes' ? 'no' : 'yes'
}

/** `and` is decided by a no, `or` by a yes, whatever the other side is. */
function joined(decisive: 'yes' | 'no', a: Decision = 'undecided', b: Decision = 'undecided'): Decision {
  if (a === decisive || b === decisive) return decisive
  return a === 'undecided' || b === 'undecided' ? 'undecided' : opposite(decisive)
}
