// Whatever is typed: the option reader either understands it or says USAGE_BAD_OPTION; splitting undoes quoting. [cli 2.1]

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isTroupeError } from '../../src/base/errors.ts'
import { SHARED_OPTIONS } from '../../src/cli/options.ts'
import { firstWordAt, readOptions, splitWords } from '../../src/cli/read-options.ts'

const names = SHARED_OPTIONS.flatMap((spec) => [
  `--${spec.name}`,
  ...(spec.aliases ?? []).map((name) => `--${name}`),
  ...(spec.short ? [`-${spec.short}`] : []),
])
const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...names) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...names), fc.string()).map(([name, text]) => `${name}=${text}`) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...names), fc.nat(8)).map(([name, n]) => name.slice(0, n)) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary' }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('-', '--', '5', 'classic', 'always', 'ok', '__proto__', '--__proto__', '--constructor'),
  },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 6 }).map((text) => `-${text}`) },
)

test('readOptions understands words or throws USAGE_BAD_OPTION, never anything else', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (argv) => {
      try {
        const { words, options } = readOptions(SHARED_OPTIONS, argv)
        assert.ok(words.every((text) => argv.includes(text)))
        for (const { name, type } of SHARED_OPTIONS) {
          if (type) assert.ok(options.number(name) === undefined || Number.isFinite(options.number(name)))
        }
      } catch (error) {
        assert.ok(isTroupeError(error, 'USAGE_BAD_OPTION'), String(error))
      }
    }),
    { numRuns: 2000 },
  )
})

test('firstWordAt finds the word that readOptions takes for the first, whatever stands before it', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (argv) => {
      const at = firstWordAt(SHARED_OPTIONS, argv)
      assert.ok(at >= -1 && at < argv.length)
      if (argv.includes('--')) return
      try {
        const { words } = readOptions(SHARED_OPTIONS, argv)
        assert.equal(at < 0 ? undefined : argv[at], words[0])
      } catch (error) {
        assert.ok(isTroupeError(error, 'USAGE_BAD_OPTION'), String(error))
      }
    }),
    { numRuns: 2000 },
  )
})

test('splitWords gives back what was quoted for a shell', () => {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      assert.deepEqual(splitWords(words.map(quoted).join('  '), 'a test'), words)
    }),
  )
})

test('splitWords understands anything or says that a quote is open', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', '$', '\n', '\t') }), (text) => {
      try {
        splitWords(text, 'a test')
      } catch (error) {
        assert.ok(isTroupeError(error, 'USAGE_BAD_OPTION'))
      }
    }),
  )
})
