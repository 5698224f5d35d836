import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CompoundToken, FactOperator } from '#message/filter.ts'
import type { DataDdl } from '../ddl/ddl.ts'
import { checkCompound, dataTimeoutSeconds } from './check-data.ts'
import { parseCompound } from './compound.ts'
import { describeFilter } from './describe.ts'

const fact = (name: string, operator: FactOperator, value: string): CompoundToken => ({
  kind: 'fact',
  test: { fact: name, operator, value },
})
const named = (name: string): CompoundToken => ({ kind: 'class', class: name })
const sign = (...kinds: ('and' | 'or' | 'not' | '(' | ')')[]): CompoundToken[] => kinds.map((kind) => ({ kind }))

test('parseCompound reads facts with every operator, blanks or none [B-007]', () => {
  for (const [text, token] of [
    ['osfamily=RedHat', fact('osfamily', '==', 'RedHat')],
    ['osfamily == RedHat', fact('osfamily', '==', 'RedHat')],
    ['osfamily != RedHat', fact('osfamily', '!=', 'RedHat')],
    ['osfamily!=RedHat', fact('osfamily', '!=', 'RedHat')],
    ['osfamily=~Red', fact('osfamily', '=~', 'Red')],
    ['osfamily =~ /Red Hat/', fact('osfamily', '=~', 'Red Hat')],
    ['osfamily=/^(Red|Cent)/', fact('osfamily', '=~', '^(Red|Cent)')],
    ['uptime >= 1', fact('uptime', '>=', '1')],
    ['uptime=>1', fact('uptime', '>=', '1')],
    ['uptime<1', fact('uptime', '<', '1')],
    ['temperature<-5', fact('temperature', '<', '-5')],
    ['os.release.major=12', fact('os.release.major', '==', '12')],
    ["foo='bar baz'", fact('foo', '==', 'bar baz')],
    ["'foo bar'=baz", fact('foo bar', '==', 'baz')],
    ["foo=''", fact('foo', '==', '')],
    ["foo='/x/'", fact('foo', '==', '/x/')],
    ['foo=bar=baz', fact('foo', '==', 'bar=baz')],
    ['home=/usr/bin', fact('home', '==', '/usr/bin')],
    ['home=/usr', fact('home', '==', '/usr')],
    ['home=/usr\\/bin/', fact('home', '=~', 'usr\\/bin')],
    ['home=/usr/bin/', fact('home', '=~', 'usr/bin')],
  ] as const) {
    assert.deepEqual(parseCompound(text), [token], text)
  }
})

test('parseCompound keeps slashes of different statements apart', () => {
  assert.deepEqual(parseCompound('a=/usr and b=/x/'), [fact('a', '==', '/usr'), ...sign('and'), fact('b', '=~', 'x')])
  assert.deepEqual(parseCompound('(a=/x/)or(/y/)'), [
    ...sign('('),
    fact('a', '=~', 'x'),
    ...sign(')', 'or', '('),
    named('/y/'),
    ...sign(')'),
  ])
})

test('parseCompound knows and, or, not only where they stand alone', () => {
  assert.deepEqual(parseCompound('android and notes or !order'), [
    named('android'),
    ...sign('and'),
    named('notes'),
    ...sign('or', 'not'),
    named('order'),
  ])
  assert.deepEqual(parseCompound('not(not ! a)'), [...sign('not', '(', 'not', 'not'), named('a'), ...sign(')')])
  assert.deepEqual(parseCompound('and'), [named('and')])
})

test('parseCompound reads data tests', () => {
  const data = (text: string): unknown => {
    const [token] = parseCompound(text)
    return token?.kind === 'data' ? Object.values(token.test) : token
  }
  assert.deepEqual(data("fstat('/etc/hosts').md5=/^ab/"), ['fstat', '/etc/hosts', 'md5', '=~', '^ab'])
  assert.deepEqual(data('fstat("/etc/hosts").md5 != /^ab/'), ['fstat', '/etc/hosts', 'md5', '!~', '^ab'])
  assert.deepEqual(data("probe( 'a b' ).flt >= -2.5"), ['probe', 'a b', 'flt', '>=', '-2.5'])
  assert.deepEqual(data('puppet().enabled=true'), ['puppet', null, 'enabled', '==', 'true'])
  assert.deepEqual(data("fstat('it(s)').y=1"), ['fstat', 'it(s)', 'y', '==', '1'])
})

test('parseCompound says what does not fit and where [cli 4.4]', () => {
  for (const [text, message, offset] of [
    ['', 'Parse errors found while parsing -S input : it is empty at character 1', 0],
    ['a and', "Parse errors found while parsing -S input a and: 'and' or 'or' is missing at character 3", 2],
    ['a and ', 'Parse errors found while parsing -S input a and : a statement is missing at the end at character 7', 6],
    [
      'a and or b',
      "Parse errors found while parsing -S input a and or b: there is nothing before 'or' to join at character 7",
      6,
    ],
    ['a b', "Parse errors found while parsing -S input a b: 'and' or 'or' is missing at character 3", 2],
    ['()', "Parse errors found while parsing -S input (): a statement is missing before ')' at character 2", 1],
    ['(a', "Missing parenthesis found while parsing -S input (a: '(' has no ')' at character 1", 0],
    ['a)', "Missing parenthesis found while parsing -S input a): ')' has no '(' at character 2", 1],
    [
      'a and foo=',
      "Malformed token(s) found while parsing -S input a and foo=: a value is missing after '=' at character 7",
      6,
    ],
    ["a='b", "Malformed token(s) found while parsing -S input a='b: the quote ' is never closed at character 3", 2],
    [
      '/a',
      "Malformed token(s) found while parsing -S input /a: the regular expression is not closed with '/' at character 1",
      0,
    ],
    [
      'fstat(x).y=1',
      "Malformed token(s) found while parsing -S input fstat(x).y=1: the argument of fstat() should be one quoted text, then ')' at character 7",
      6,
    ],
    [
      "f('a','b').y=1",
      "Malformed token(s) found while parsing -S input f('a','b').y=1: f() takes at most one argument at character 6",
      5,
    ],
    [
      'a!=/b/',
      "Malformed token(s) found while parsing -S input a!=/b/: a fact cannot be compared with '!=' and a /regex/; write !a=/.../ at character 1",
      0,
    ],
  ] as const) {
    assert.throws(
      () => parseCompound(text),
      (error: { code?: string; message?: string; details?: { offset?: number } }) => {
        assert.equal(error.message, message)
        assert.equal(error.code, 'FILTER_BAD_COMPOUND')
        assert.equal(error.details?.offset, offset, text)
        return true
      },
    )
  }
})

test('parseCompound bounds characters and terms', () => {
  assert.throws(() => parseCompound('a'.repeat(70_000)), { code: 'FILTER_TOO_LARGE' })
  assert.throws(() => parseCompound('!'.repeat(3_000)), { code: 'FILTER_TOO_LARGE' })
  assert.equal(parseCompound(`${'('.repeat(900)}a${')'.repeat(900)}`).length, 1801)
})

const FSTAT: DataDdl = {
  kind: 'data',
  name: 'fstat',
  description: 'file status',
  metadata: { name: 'fstat', description: '', author: '', license: '', version: '', url: '', timeoutSeconds: 1 },
  query: { name: 'query', prompt: '', description: '', type: 'string', optional: false },
  outputs: [{ name: 'md5', description: '', displayAs: '' }],
}
const { query: _query, ...withoutQuery } = FSTAT
const lookup = (source: string): DataDdl | undefined =>
  source === 'fstat' ? FSTAT : source === 'puppet' ? withoutQuery : undefined

test('checkCompound holds data tests against their DDLs [B-007, X10]', () => {
  const check = (text: string): void => checkCompound(parseCompound(text), lookup)
  check("ntp and fstat('/x').md5=abc and puppet().md5=1")
  for (const [text, message] of [
    ["x('a').y=1", "Can't find DDL for data plugin 'x_data'"],
    ["fstat('a').nosuch=1", "Data plugin 'fstat()' does not return a 'nosuch' value"],
    ['fstat().md5=1', "Data plugin 'fstat()' needs a query"],
    ["puppet('a').md5=1", "Data plugin 'puppet()' takes no query"],
  ] as const) {
    assert.throws(() => check(text), { code: 'FILTER_BAD_DATA', message })
  }
})

test('dataTimeoutSeconds counts every data plugin once', () => {
  const compounds = [parseCompound("fstat('a').md5=1 or fstat('b').md5=1"), parseCompound('puppet().md5=1')]
  const filter = { facts: [], classes: [], agents: [], identities: [], compounds }
  assert.equal(dataTimeoutSeconds(filter, lookup), 2)
})

test('describeFilter explains a filter as in [cli 8.9]', () => {
  const filter = {
    facts: [{ fact: 'osfamily', operator: '==' as const, value: 'Debian' }],
    classes: ['ntp'],
    agents: [],
    identities: ['a.example.com', '/^web/'],
    compounds: [parseCompound("(osfamily=Debian and !ntp) or fstat('/etc/hosts').md5=/abc/")],
  }
  assert.deepEqual(describeFilter(filter), [
    '-F filter expands to the following fact comparisons:',
    '',
    "  Check if fact 'osfamily' == 'Debian'",
    '',
    '-C filter expands to the following class checks:',
    '',
    "  Check if class 'ntp' is present on the host",
    '',
    '-I filter expands to the following identity checks:',
    '',
    "  Check if the identity is 'a.example.com'",
    '  OR',
    "  Check if the identity matches '/^web/'",
    '',
    '-S Query expands to the following instructions:',
    '',
    '  (',
    "    Check if fact 'osfamily' = 'Debian'",
    '    AND',
    '    NOT',
    "    Check if class 'ntp' is present on the host",
    '  )',
    '  OR',
    "  Execute the Data Query 'fstat' with parameters (/etc/hosts). Check if the query's 'md5' value =~ 'abc'",
    '',
  ])
})
