// Filters and regular expressions from anything: only FILTER_* errors come out, texts and evaluation agree with simple oracles, and
// hostile expressions stay within their bounds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isTroupeError } from '#base/errors.ts'
import { REGEX_PROGRAM_MAX } from '#base/limits.ts'
import { type CompoundToken, EMPTY_FILTER } from '#message/filter.ts'
import { parseCompound } from '#rpc/match/compound.ts'
import { evaluateCompound, evaluateFilter, type MatchSubject } from '#rpc/match/evaluate.ts'
import { parseFactTest, parseWith } from '#rpc/match/fact-test.ts'
import { parseNameTest } from '#rpc/match/name-test.ts'
import { compileRegex, engineRegex, literalRegex } from '#rpc/regex.ts'
import { translateRegex } from '#rpc/ruby-regex.ts'

const pieces = (...parts: string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...parts) }, { weight: 1, arbitrary: fc.string() }))
    .map((p) => p.join(''))

const regexText = pieces(
  'a',
  'b',
  '.',
  '*',
  '+',
  '?',
  '(',
  ')',
  '(?:',
  '(?i)',
  '(?x:',
  '[',
  ']',
  '[^',
  '-',
  '|',
  '^',
  '$',
  '\\',
  '\\d',
  '\\u',
  '{',
  '2',
  ',',
  '}',
  '[:alpha:]',
  '\\p{L}',
  '&&',
  '#',
)
const filterText = pieces(
  'a',
  'and',
  'or',
  'not',
  ' ',
  '(',
  ')',
  '!',
  '=',
  '=~',
  '!=',
  '<',
  '>',
  '/',
  "'",
  '"',
  "f('x').y",
  'f(',
  '.',
  '\\',
  'b=1',
)

function onlyFilterErrors(run: () => unknown): void {
  try {
    run()
  } catch (error) {
    assert.ok(isTroupeError(error) && error.code.startsWith('FILTER_'), String(error))
  }
}

test('compileRegex throws nothing but FILTER_BAD_REGEX and keeps to the size it foretold', () => {
  fc.assert(
    fc.property(regexText, fc.string(), (source, text) => {
      onlyFilterErrors(() => {
        const regex = compileRegex(source)
        assert.ok(regex.size <= REGEX_PROGRAM_MAX + 10)
        regex.test(text)
      })
    }),
    { numRuns: 3000 },
  )
})

test('translateRegex never foretells less than the engine makes of it', () => {
  fc.assert(
    fc.property(regexText, (source) => {
      onlyFilterErrors(() => {
        const { size } = translateRegex(source)
        assert.ok(engineRegex(source).size <= size + 10, `${size} foretold`)
      })
    }),
    { numRuns: 1000 },
  )
})

test('literalRegex means exactly what the engine means', () => {
  const literal = fc
    .array(fc.constantFrom('a', 'b', '\n', '\\.', '\\/', ' ', 'é', '#', '-', '\u{1f600}', '\\\n'))
    .map((p) => p.join(''))
  const source = fc
    .tuple(fc.constantFrom('', '^', '\\A'), literal, fc.constantFrom('', '$', '\\z'))
    .map((parts) => parts.join(''))
  const text = fc
    .array(fc.constantFrom('a', 'b', '\n', '.', '/', ' ', 'é', '#', '\ud83d', '\ude00'))
    .map((p) => p.join(''))
  fc.assert(
    fc.property(source, text, (pattern, subject) => {
      const fast = literalRegex(pattern)
      if (!fast) return
      assert.equal(fast.test(subject), engineRegex(pattern).test(subject))
      assert.equal(fast.test(`a${subject}b\n`), engineRegex(pattern).test(`a${subject}b\n`))
    }),
    { numRuns: 3000 },
  )
})

test('the parsers of -F, -W, -C and -S throw nothing but FILTER_*', () => {
  fc.assert(
    fc.property(filterText, (text) => {
      for (const parse of [parseFactTest, parseWith, parseCompound, (t: string) => parseNameTest(t, '-C')]) {
        onlyFilterErrors(() => parse(text))
      }
    }),
    { numRuns: 5000 },
  )
})

interface Tree {
  readonly text: string
  readonly value: boolean
}

const SUBJECT: MatchSubject = { identity: 'n', agents: [], classes: ['yes', 'true'], facts: { fact: 'yes' } }
const leaf: fc.Arbitrary<Tree> = fc.constantFrom(
  { text: 'yes', value: true },
  { text: 'no', value: false },
  { text: '/^ye/', value: true },
  { text: 'fact=yes', value: true },
  { text: 'fact != yes', value: false },
  { text: "fact='no'", value: false },
  { text: 'nofact!=x', value: false },
)

/** Expressions by levels of precedence, so that the text needs parentheses only where the tree says so. */
const { or: expression } = fc.letrec<{ unary: Tree; and: Tree; or: Tree }>((tie) => ({
  unary: fc.oneof(
    { maxDepth: 6 },
    leaf,
    fc
      .tuple(fc.constantFrom('!', 'not ', '! '), tie('unary'))
      .map(([not, t]) => ({ text: not + t.text, value: !t.value })),
    tie('or').map((t) => ({ text: `(${t.text})`, value: t.value })),
  ),
  and: fc
    .array(tie('unary'), { minLength: 1, maxLength: 3 })
    .map((all) => ({ text: all.map((t) => t.text).join(' and '), value: all.every((t) => t.value) })),
  or: fc
    .array(tie('and'), { minLength: 1, maxLength: 3 })
    .map((all) => ({ text: all.map((t) => t.text).join(' or '), value: all.some((t) => t.value) })),
}))

test('parseCompound and evaluateCompound agree with the tree an expression was written from', () => {
  fc.assert(
    fc.property(expression, ({ text, value }) => {
      fc.pre(text.length < 5_000)
      const evaluation = evaluateCompound(parseCompound(text), SUBJECT, async () => undefined)
      assert.deepEqual(evaluation, { result: value ? 'match' : 'mismatch' }, text)
    }),
    { numRuns: 1000 },
  )
})

test('evaluateFilter never throws, whatever tokens come over the wire', async () => {
  const token: fc.Arbitrary<CompoundToken> = fc.oneof(
    fc.constantFrom<CompoundToken>({ kind: 'and' }, { kind: 'or' }, { kind: 'not' }, { kind: '(' }, { kind: ')' }),
    regexText.map((text): CompoundToken => ({ kind: 'class', class: `/${text}/` })),
    regexText.map((value): CompoundToken => ({ kind: 'fact', test: { fact: 'fact', operator: '=~', value } })),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(token, { maxLength: 8 }), async (tokens) => {
      const evaluation = await evaluateFilter({ ...EMPTY_FILTER, compounds: [tokens] }, SUBJECT, async () => undefined)
      assert.ok(['match', 'mismatch', 'error'].includes(evaluation.result))
    }),
    { numRuns: 2000 },
  )
})
