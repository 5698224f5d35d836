// Filters against what Ruby MCollective 2.12.5 was measured to do with them. Every deviation is declared here with its reason; a
// declared deviation that is none fails too. [wire 2.4, 6]

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import type { CompoundToken, DataTest, FactOperator, Filter } from '#message/filter.ts'
import type { Value, Values } from '#message/request.ts'
import { parseCompound } from '#rpc/match/compound.ts'
import { type Evaluation, evaluateFilter, type MatchSubject, type QueryData } from '#rpc/match/evaluate.ts'
import { bareRegex, parseFactTest } from '#rpc/match/fact-test.ts'

/** The vectors' way to write Ruby's values in JSON. */
function plain(tagged: unknown): unknown {
  if (Array.isArray(tagged)) return tagged.map(plain)
  if (typeof tagged !== 'object' || tagged === null) return tagged
  const value = tagged as Record<string, unknown>
  if (Array.isArray(value[':hash'])) {
    return Object.fromEntries((value[':hash'] as unknown[][]).map(([k, v]) => [String(plain(k)), plain(v)]))
  }
  if (':sym' in value) return value[':sym']
  if (':str' in value) return value[':str']
  if (':regexp' in value) return { regexp: value[':regexp'] }
  return value
}

interface Vectors {
  readonly facts?: unknown
  readonly cases: readonly Record<string, unknown>[]
}

function vectors(name: string): Vectors {
  const url = new URL(`../fixtures/filters/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(url, 'utf8')) as Vectors
}

/** Every case must give what Ruby gave, or be listed with a reason and give something else. */
function compare(deviations: Record<string, string>, key: string, ours: unknown, ruby: unknown): void {
  const same = JSON.stringify(ours) === JSON.stringify(ruby)
  if (same) assert.ok(!(key in deviations), `${key}: declared as a deviation, but it is none`)
  else if (!(key in deviations)) assert.deepEqual(ours, ruby, key)
}

test('parseFactTest reads -F as Ruby does', () => {
  for (const { input, ok, error } of vectors('fact_filter_parse').cases) {
    const text = String(input)
    if (error !== undefined) {
      assert.throws(
        () => parseFactTest(text),
        (thrown) => isTroupeError(thrown, 'FILTER_BAD_FACT') && thrown.message === error,
        text,
      )
      continue
    }
    const ruby = plain(ok) as { fact: string; value: string; operator: string }
    // On Ruby's wire the slashes may stay; in our messages an expression is always bare.
    const value = ruby.operator === '=~' ? bareRegex(ruby.value) : ruby.value
    assert.deepEqual(parseFactTest(text), { fact: ruby.fact, operator: ruby.operator, value }, text)
  }
})

const FACT_DEVIATIONS: Record<string, string> = {
  'os.family == Debian': 'dotted paths reach into structured facts',
  'memorysize_mb > 5x10': 'text that only resembles a number is compared as text instead of failing',
}

test('fact tests are decided as Ruby does', async () => {
  const { facts, cases } = vectors('fact_compare')
  const subject: MatchSubject = {
    identity: 'node1.example.com',
    agents: [],
    classes: [],
    facts: plain(facts) as Values,
  }
  for (const { fact, value, operator, ok, error } of cases) {
    const key = `${fact} ${operator} ${value}`
    if (!['==', '!=', '<', '<=', '>', '>=', '=~'].includes(String(operator))) continue // decode.ts refuses it
    const wanted = operator === '=~' ? bareRegex(String(value)) : String(value)
    const filter: Filter = {
      ...NOTHING,
      facts: [{ fact: String(fact), operator: operator as FactOperator, value: wanted }],
    }
    compare(
      FACT_DEVIATIONS,
      key,
      outcome(await evaluateFilter(filter, subject, async () => undefined)),
      error ? 'error' : ok,
    )
  }
})

const COMPOUND_DEVIATIONS: Record<string, string> = {
  '': 'an empty expression is an error instead of matching nobody (X14)',
  'foo >= 1': 'blanks around operators are always allowed',
  "probe('abc').flt >= 2.5": 'blanks around operators are always allowed',
  "probe('abc').flt >= 2.5 and ntp": 'blanks around operators are always allowed',
  'a and\tb': 'a tab is a blank',
  '/nt p/': 'a regular expression may hold blanks',
  '/bar\\/baz/': 'a slash in a regular expression may be escaped',
  'foo=bar/baz': 'a slash in a value is a slash',
  "fstat('it(s)').y=1": 'parentheses in a quoted argument are text',
  "fstat('/etc/x').size=<10": '=< means <= here as in -F',
  "fstat('a','b').x=1": 'a second argument is refused; Ruby sends one garbled text',
  "fstat('x')=1": 'a data test without an output is refused; Ruby sends it and it never matches',
  "fstat('x').y": 'refused with a sentence; Ruby crashes',
}

/** Ruby's token list as ours; a statement is what our own lexer makes of it, so only the splitting is compared. */
function rubyTokens(tokens: unknown): CompoundToken[] {
  return (plain(tokens) as Record<string, unknown>[]).map((pair) => {
    const [kind, value] = Object.entries(pair)[0] ?? ['', '']
    if (kind === 'fstatement') return { kind: 'data', test: rubyDataTest(value as Record<string, unknown>) }
    if (kind !== 'statement') return { kind: kind as 'and' }
    return rubyStatement(String(value))
  })
}

function rubyStatement(text: string): CompoundToken {
  // Written without blanks in between, [wire 6.6] finds the leftmost operator.
  const found = /^([^=<>!~]*)(=>|=<|<=|>=|=~|!=|==|=|<|>)(.*)$/s.exec(text)
  if (!found || text.startsWith('/')) return { kind: 'class', class: text }
  const [, fact = '', operator = '', value = ''] = found
  const named = { '=': '==', '=>': '>=', '=<': '<=' }[operator] ?? operator
  const regex = operator === '=~' || (operator === '=' && /^\/.+\/$/.test(value))
  return {
    kind: 'fact',
    test: { fact, operator: (regex ? '=~' : named) as FactOperator, value: regex ? bareRegex(value) : value },
  }
}

function rubyDataTest(raw: Record<string, unknown>): DataTest {
  const compared = raw.r_compare as string | { regexp: string }
  return {
    source: String(raw.name),
    query: raw.params as string | null,
    output: raw.value as string,
    operator: (raw.operator === '!=~' ? '!~' : raw.operator) as DataTest['operator'],
    value: typeof compared === 'string' ? compared : compared.regexp,
  }
}

test('parseCompound reads -S as Ruby does', () => {
  for (const { input, ok, error } of vectors('compound_parse').cases) {
    const text = String(input)
    let ours: unknown
    try {
      ours = parseCompound(text)
    } catch (thrown) {
      assert.ok(isTroupeError(thrown, 'FILTER_BAD_COMPOUND'), String(thrown))
      ours = thrown.message.slice(0, thrown.message.lastIndexOf(': '))
    }
    compare(COMPOUND_DEVIATIONS, text, ours, error ?? rubyTokens(ok))
  }
})

const FILTER_DEVIATIONS: Record<string, string> = {
  'agent regex slashes': 'only the first and the last slash of /r/p/c/ are stripped',
  'identity two, both match': 'identities are ORed; Ruby wants exactly one to match',
  'compound empty list': 'refused instead of matching nobody (X14)',
  'compound: uptime=>1': '=> means >= in -S as in -F',
  'compound: osfamily!=RedHat': '!= works in -S (B-007)',
  'compound: osfamily=~Deb': '=~ works in -S (B-007)',
}

const NOTHING: Filter = { facts: [], classes: [], agents: [], identities: [], compounds: [] }

function outcome(evaluation: Evaluation): boolean | 'error' {
  return evaluation.result === 'error' ? 'error' : evaluation.result === 'match'
}

/** A filter from Ruby's wire; null for shapes our messages do not have (wrong or missing keys). */
function rubyFilter(tagged: unknown): Filter | null {
  const raw = plain(tagged) as Record<string, unknown[] | undefined>
  const { fact = [], cf_class = [], agent = [], identity = [], compound = [] } = raw
  const keys = Object.keys(raw)
  if (keys.length > 0 && keys.join() !== 'fact,cf_class,agent,identity,compound') return null
  return {
    facts: fact as Filter['facts'],
    classes: cf_class as string[],
    agents: agent as string[],
    identities: identity.map((item) => (typeof item === 'string' ? item : `/${(item as { regexp: string }).regexp}/`)),
    compounds: compound.map((tokens) => {
      const taggedTokens = (tagged as { ':hash': [string, unknown[]][] })[':hash'].find(
        ([key]) => key === 'compound',
      )?.[1]
      return rubyTokens(taggedTokens?.[compound.indexOf(tokens)])
    }),
  }
}

const NODE: MatchSubject = {
  identity: 'node1.example.com',
  agents: ['discovery', 'rpcutil', 'probe', 'package'],
  classes: ['default', 'ntp', 'role::web'],
  facts: plain(vectors('fact_compare').facts) as Values,
}

/** The data plugins of the measured node. */
const queryData: QueryData = async (source, query) => {
  const asked = query ?? ''
  switch (source) {
    case 'fstat':
      return asked === 'facts.yaml' ? { present: 1, size: 700, type: 'file' } : { present: 0, size: 0, type: 'unknown' }
    case 'fact': {
      let at: unknown = NODE.facts
      for (const step of asked.split('.')) at = (at as Record<string, unknown> | undefined)?.[step]
      if (at === undefined) return { exists: false, value: false, value_encoding: false }
      const structured = typeof at === 'object'
      return {
        exists: true,
        value: (structured ? JSON.stringify(at) : at) as Value,
        value_encoding: structured ? 'application/json' : 'text/plain',
      }
    }
    case 'collective':
      return { member: ['mcollective', 'eu_collective'].includes(asked) }
    case 'agent':
      if (asked !== 'rpcutil') throw new Error(`No agent called ${asked} found`)
      return { version: '1.0' }
    case 'probe':
      return { text: `text-${asked}`, num: asked.length, flt: 2.5, bool: asked === 'yes', unset: null }
    default:
      return undefined
  }
}

test('whole filters are decided as Ruby does', async () => {
  let compared = 0
  for (const { name, filter, ok, error } of vectors('filter_match').cases) {
    const ours = rubyFilter(filter)
    if (!ours || name === 'fact String keys') continue // shapes of Ruby's wire; its decoder makes our filter of them
    compared++
    compare(FILTER_DEVIATIONS, String(name), outcome(await evaluateFilter(ours, NODE, queryData)), error ? 'error' : ok)
  }
  assert.ok(compared > 85, `only ${compared} filters were compared`)
})
