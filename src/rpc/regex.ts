// Regular expressions from strangers: Ruby's syntax (what operators of MCollective write), run by RE2, whose time is
// proportional to program x text: no expression can hang a node. The engine (15 ms to load) is loaded when the first
// expression comes that is more than an anchored literal. Translation is ruby-regex.ts. [cli 4.1, B-007]

import { createRequire } from 'node:module'
import type { RE2JS } from 're2js'
import { messageOf, TroupeError } from '#base/errors.ts'
import { REGEX_CACHE_MAX, REGEX_CACHE_SIZE_MAX, REGEX_LENGTH_MAX, REGEX_TEST_COST_MAX } from '#base/limits.ts'
import { translateRegex } from './ruby-regex.ts'

export interface Regex {
  /** As written, e.g. `(?i)^web\d+`. */
  readonly source: string
  /** Instructions of the compiled program; 1 for a plain literal. Testing costs at most size x characters of the text. */
  readonly size: number
  /**
   * True when the expression matches anywhere in the text (lines are told apart as in Ruby: `^` and `$` match at every
   * line). Throws FILTER_TOO_COSTLY when size x length exceeds REGEX_TEST_COST_MAX.
   */
  test(text: string): boolean
}

type Engine = typeof import('re2js')

let engine: Engine | undefined
const cache = new Map<string, Regex>()
/** Instructions of all that is in the cache. */
let cachedSize = 0

/**
 * Compiles an expression, e.g. `compileRegex('(?i)^web\\d+').test('Web01')`. Recently used ones are kept, so compiling again is
 * cheap. Throws FILTER_BAD_REGEX: not an expression, too large, or in need of backtracking.
 */
export function compileRegex(source: string): Regex {
  const known = cache.get(source)
  if (known) {
    cache.delete(source)
    cache.set(source, known)
    return known
  }
  const regex = literalRegex(source) ?? engineRegex(source)
  cache.set(source, regex)
  cachedSize += regex.size
  for (const [oldest, { size }] of cache) {
    if (cache.size <= REGEX_CACHE_MAX && cachedSize <= REGEX_CACHE_SIZE_MAX) break
    cache.delete(oldest)
    cachedSize -= size
  }
  return regex
}

/** True when the expression has been compiled lately, so that compiling it costs nothing. */
export function isRegexCached(source: string): boolean {
  return cache.has(source)
}

/** The expression in the engine, whatever it is; compileRegex prefers comparing text where that is enough. */
export function engineRegex(source: string): Regex {
  const { re2, size: estimate } = translateRegex(source)
  let compiled: RE2JS
  try {
    compiled = loadEngine().RE2JS.compile(re2)
  } catch (error) {
    // The translation is checked, so what is left is names of properties RE2 does not know.
    throw new TroupeError(
      'FILTER_BAD_REGEX',
      `cannot use the regular expression '${source}': ${messageOf(error)} (as RE2: ${re2})`,
      { cause: error, details: { source } },
    )
  }
  const size = Math.max(compiled.programSize(), 1)
  return {
    source,
    size,
    test(text) {
      if (size * text.length > REGEX_TEST_COST_MAX) throw tooCostly(source, size, text.length, estimate)
      // Not compiled.test(): its DFA may build a state of 8 bytes x program per character, up to 8 MB per expression.
      return compiled.matcher(text).find()
    },
  }
}

function tooCostly(source: string, size: number, length: number, estimate: number): TroupeError {
  const most = Math.floor(REGEX_TEST_COST_MAX / size)
  return new TroupeError(
    'FILTER_TOO_COSTLY',
    `cannot test a text of ${length} characters against '${source}': texts up to ${most} characters are allowed for a regular expression of this size`,
    { details: { source, length, most, size, estimate } },
  )
}

function loadEngine(): Engine {
  if (engine) return engine
  try {
    // A bundler puts the package in here, to be evaluated at this moment.
    engine = require('re2js') as Engine
  } catch (error) {
    // Run from source there is no `require` in a module.
    if (!(error instanceof ReferenceError)) throw error
    engine = createRequire(import.meta.url)('re2js') as Engine
  }
  return engine
}

const LITERAL = /^(\^|\\A)?((?:[^\\^$.|?*+()[\]{}]|\\[^0-9A-Za-z])+)(\$|\\z)?$/u

/** Text with at most an anchor at each end; null: not one. Means exactly the same as in the engine (property test). */
export function literalRegex(source: string): Regex | null {
  const parts = source.length > REGEX_LENGTH_MAX ? null : LITERAL.exec(source)
  if (!parts) return null
  const text = (parts[2] ?? '').replace(/\\(.)/gsu, '$1')
  // Half a surrogate pair must not match half a character.
  if (!text.isWellFormed()) return null
  return { source, size: 1, test: literalTest(text, parts[1] ?? '', parts[3] ?? '') }
}

function literalTest(literal: string, start: string, end: string): (text: string) => boolean {
  const startsLine = (text: string): boolean => text.startsWith(literal) || text.includes(`\n${literal}`)
  const endsLine = (text: string): boolean => text.endsWith(literal) || text.includes(`${literal}\n`)
  switch (start + end) {
    case '':
      return (text) => text.includes(literal)
    case '^':
      return startsLine
    case '\\A':
      return (text) => text.startsWith(literal)
    case '$':
      return endsLine
    case '\\z':
      return (text) => text.endsWith(literal)
    case '\\A\\z':
      return (text) => text === literal
    case '\\A$':
      return (text) => text === literal || text.startsWith(`${literal}\n`)
    case '^\\z':
      return (text) => text === literal || text.endsWith(`\n${literal}`)
    default:
      return (text) =>
        text === literal ||
        text.startsWith(`${literal}\n`) ||
        text.endsWith(`\n${literal}`) ||
        text.includes(`\n${literal}\n`)
  }
}
