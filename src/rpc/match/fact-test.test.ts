import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { parseFactTest, parseWith } from './fact-test.ts'
import { nameRegex, parseNameTest } from './name-test.ts'

test('parseFactTest takes the forms of [cli 4.2], with blanks around the operator', () => {
  for (const [text, fact, operator, value] of [
    ['osfamily=RedHat', 'osfamily', '==', 'RedHat'],
    ['osfamily == RedHat', 'osfamily', '==', 'RedHat'],
    ['fqdn=/^web\\d+/', 'fqdn', '=~', '^web\\d+'],
    ['fqdn=~^web', 'fqdn', '=~', '^web'],
    ['fqdn =~ /^web/', 'fqdn', '=~', '^web'],
    ['uptime=>20', 'uptime', '>=', '20'],
    ['uptime=<20', 'uptime', '<=', '20'],
    ['uptime >= 20', 'uptime', '>=', '20'],
    ['uptime!=20', 'uptime', '!=', '20'],
    ['os.family=Debian', 'os.family', '==', 'Debian'],
    ['two words = /x/', 'two words', '=~', 'x'],
    ['path=/usr', 'path', '==', '/usr'],
  ] as const) {
    assert.deepEqual(parseFactTest(text), { fact, operator, value }, text)
  }
})

test('parseFactTest refuses other texts in the words of the original', () => {
  for (const text of ['foo', 'foo=', '=bar', '', ' ', 'foo bar=baz']) {
    assert.throws(() => parseFactTest(text), {
      code: 'FILTER_BAD_FACT',
      message: `Could not parse fact ${text} it does not appear to be in a valid format`,
    })
  }
})

test('parseFactTest refuses a regular expression nodes would refuse', () => {
  assert.throws(
    () => parseFactTest('fqdn=/(?=web)/'),
    (error) => isTroupeError(error, 'FILTER_BAD_REGEX'),
  )
})

test('parseWith splits at blanks into facts and classes [cli 4.3]', () => {
  assert.deepEqual(parseWith('  ntp osfamily=RedHat\t/^role::/ '), {
    facts: [{ fact: 'osfamily', operator: '==', value: 'RedHat' }],
    classes: ['ntp', '/^role::/'],
  })
  assert.throws(() => parseWith('  '), { code: 'FILTER_BAD_NAME' })
})

test('parseNameTest gives names back and refuses empty ones', () => {
  assert.equal(parseNameTest('role::web', '-C'), 'role::web')
  assert.equal(parseNameTest('/^web/', '-I'), '/^web/')
  for (const text of ['', ' ', '/', '//', 'a\nb', 'a'.repeat(70_000)]) {
    assert.throws(() => parseNameTest(text, '-C'), { code: 'FILTER_BAD_NAME' }, text)
  }
  assert.throws(() => parseNameTest('/[/', '-I'), { code: 'FILTER_BAD_REGEX' })
})

test('nameRegex strips the first and the last slash only', () => {
  assert.equal(nameRegex('/a/b/'), 'a/b')
  assert.equal(nameRegex('/^web'), '^web')
  assert.equal(nameRegex('web'), null)
})
