import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { REGEX_CACHE_MAX, REGEX_TEST_COST_MAX } from '#base/limits.ts'
import { compileRegex, isRegexCached, literalRegex } from './regex.ts'

const matches = (source: string, text: string): boolean => compileRegex(source).test(text)

function refusal(source: string): string {
  try {
    compileRegex(source)
  } catch (error) {
    assert.ok(isTroupeError(error, 'FILTER_BAD_REGEX'), String(error))
    return error.message
  }
  return 'accepted'
}

test('compileRegex matches a part of the text, case-sensitively [cli 4.1]', () => {
  assert.equal(matches('Hat', 'RedHat'), true)
  assert.equal(matches('hat', 'RedHat'), false)
  assert.equal(matches('(?i:redhat)', 'RedHat'), true)
  assert.equal(matches('(?i)^redhat$', 'RedHat'), true)
  assert.equal(matches('web[0-9]+', 'web17'), true)
})

test('compileRegex anchors ^ and $ at lines, \\A \\z \\Z at the text', () => {
  assert.equal(matches('^second$', 'first\nsecond\n'), true)
  assert.equal(matches('\\Asecond\\z', 'first\nsecond\n'), false)
  assert.equal(matches('sec..d\\Z', 'first\nsecond\n'), true)
  assert.equal(matches('sec..d\\z', 'first\nsecond\n'), false)
})

test('compileRegex reads Ruby (?m) as "dot takes newlines", and options to the end of their group', () => {
  assert.equal(matches('a.b', 'a\nb'), false)
  assert.equal(matches('(?m)a.b', 'a\nb'), true)
  assert.equal(matches('(?m:a.b)', 'a\nb'), true)
  assert.equal(matches('a(?i)b|c', 'aC'), true)
  assert.equal(matches('a(?i)b|c', 'C'), false)
  assert.equal(matches('(?x) a \\  b # comment', 'a b'), true)
  assert.equal(matches('(?i-m:A)b', 'aB'), false)
})

test('compileRegex knows \\h \\R, POSIX brackets, nested classes and properties', () => {
  assert.equal(matches('^\\h{4}$', 'beef'), true)
  assert.equal(matches('\\H', 'beef'), false)
  assert.equal(matches('a\\Rb', 'a\r\nb'), true)
  assert.equal(matches('^[[:alpha:]]+$', 'dé'), true)
  assert.equal(matches('^\\w+$', 'dé'), false)
  assert.equal(matches('^[a[0-3]]+$', 'a2'), true)
  assert.equal(matches('^\\p{Greek}+$', 'αβ'), true)
  assert.equal(matches('^\\p{^Alpha}$', '1'), true)
})

test('compileRegex reads {n}? as optional and lets quantifiers be stacked, like Ruby', () => {
  assert.equal(matches('^a{2}?b', 'b'), true)
  assert.equal(matches('^a{1,2}?b', 'b'), false)
  assert.equal(matches('^(?:a{2}{2})$', 'aaaa'), true)
  assert.equal(matches('^a{,2}$', 'aa'), true)
  assert.equal(matches('a{', 'a{'), true)
})

test('compileRegex refuses what needs backtracking, saying what and where', () => {
  const because = ' is not supported: it cannot be matched in time proportional to the text'
  for (const [source, what] of [
    ['a(?=b)', 'look-ahead at character 2'],
    ['(?!b)', 'negative look-ahead at character 1'],
    ['(?<=b)a', 'look-behind at character 1'],
    ['(?>a)', 'an atomic group at character 1'],
    ['a++', "the possessive '++' at character 2"],
    ['(a)\\1', 'a back-reference at character 4'],
    ['(?<n>a)\\k<n>', 'a back-reference at character 8'],
  ] as const) {
    assert.equal(refusal(source), `cannot use the regular expression '${source}': ${what}${because}`)
  }
})

test('compileRegex refuses what is no regular expression, saying where', () => {
  for (const [source, what] of [
    ['[', "'[' without ']' at character 1"],
    ['(a', "'(' without ')' at character 1"],
    ['a)', "')' without '(' at character 2"],
    ['*a', "'*' has nothing to repeat at character 1"],
    ['a{3,1}', 'the repetition {3,1} at character 2 ends below its start'],
    ['a{1001}', 'the repetition {1001} at character 2 exceeds 1000'],
    ['[z-a]', 'a range whose end is before its start at character 2'],
    ['[a-c&&b]', "the intersection '&&' at character 5 is not supported"],
    ['a\\', 'a backslash with nothing after it at character 2'],
    ['(?<n', "'(?<n' opens no kind of group Ruby knows at character 1"],
  ] as const) {
    assert.equal(refusal(source), `cannot use the regular expression '${source}': ${what}`)
  }
  assert.match(refusal('\\p{Nosuch}'), /p\{Nosuch\}/)
})

test('compileRegex refuses expressions that are long or explode when compiled', () => {
  assert.match(refusal('a'.repeat(513)), /has 513 characters; at most 512/)
  assert.match(refusal('(?:(?:a{0,31}){0,31}){0,31}'), /would compile to about \d+ steps; at most 1100/)
  assert.match(refusal('a{1000}|b{1000}'), /would compile to about \d+ steps/)
  assert.equal(refusal('^.{1,512}$'), 'accepted')
})

test('Regex.test refuses texts that are too long for the size of the expression', () => {
  const regex = compileRegex('(?:a|b)*a(?:a|b){12}[yz]')
  const most = Math.floor(REGEX_TEST_COST_MAX / regex.size)
  assert.equal(regex.test('ab'.repeat(most).slice(0, most)), false)
  assert.throws(
    () => regex.test('a'.repeat(most + 1)),
    (error) => isTroupeError(error, 'FILTER_TOO_COSTLY'),
  )
  assert.equal(compileRegex('^literal').test('x'.repeat(1_000_000)), false)
})

test('literalRegex takes only text with anchors at its ends', () => {
  assert.equal(literalRegex('^a\\.b$')?.test('a.b'), true)
  assert.equal(literalRegex('a.b'), null)
  assert.equal(literalRegex('\\d'), null)
  assert.equal(literalRegex('^$'), null)
  assert.equal(literalRegex('a\\$')?.test('xa$'), true)
})

test('compileRegex keeps a bounded number of expressions', () => {
  compileRegex('kept 0')
  for (let i = 1; i <= REGEX_CACHE_MAX; i++) compileRegex(`kept ${i}`)
  assert.equal(isRegexCached('kept 0'), false)
  assert.equal(isRegexCached(`kept ${REGEX_CACHE_MAX}`), true)
  for (let i = 0; i < 20; i++) compileRegex(`${i}[ab]{900}`)
  assert.equal(isRegexCached('0[ab]{900}'), false)
  assert.equal(isRegexCached('19[ab]{900}'), true)
})
