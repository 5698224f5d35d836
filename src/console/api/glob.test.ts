import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { globTest, hasWildcard } from './glob.ts'

test('globTest: the whole name, one character for ?, any number for *, without regard to case [live 2]', () => {
  const cases: [string, string, boolean][] = [
    ['web1', 'web1', true],
    ['WEB1', 'web1', true],
    ['web', 'web1', false],
    ['web?', 'web1', true],
    ['web?', 'web', false],
    ['web?', 'web12', false],
    ['web*', 'web', true],
    ['*', 'anything', true],
    ['ip-10-122*', 'ip-10-122-3-4.ec2.internal', true],
    ['*.example.com', 'web1.example.com', true],
    ['*.example.com', 'web1.example.com.evil', false],
    ['w*b*1', 'web-db-1', true],
    ['a*b', 'aXbXc', false],
    ['[a-z]*', 'web1', false],
    ['', '', true],
    ['', 'web1', false],
  ]
  for (const [pattern, name, expected] of cases) {
    assert.equal(globTest(pattern)(name), expected, `${pattern} on ${name}`)
  }
})

test('globTest: agrees with the same pattern as a regular expression', () => {
  const text = fc.stringMatching(/^[ab.?*]{0,8}$/)
  const name = fc.stringMatching(/^[ab.]{0,10}$/)
  fc.assert(
    fc.property(text, name, (pattern, of) => {
      const source = pattern.replace(/[.*?]/g, (one) => (one === '.' ? '\\.' : one === '?' ? '.' : '.*'))
      assert.equal(globTest(pattern)(of), new RegExp(`^${source}$`).test(of))
    }),
  )
})

test('globTest: takes little time for what makes backtracking explode', () => {
  const test = globTest(`${'*a'.repeat(200)}b`)
  assert.equal(test('a'.repeat(5_000)), false)
})

test('hasWildcard tells names from patterns', () => {
  assert.equal(hasWildcard('web?'), true)
  assert.equal(hasWildcard('web1'), false)
})
