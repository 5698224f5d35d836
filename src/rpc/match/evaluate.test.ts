import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FactOperator, Filter } from '#message/filter.ts'
import { EMPTY_FILTER } from '#message/filter.ts'
import type { Values } from '#message/request.ts'
import { compareFact, findFact } from './compare.ts'
import { parseCompound } from './compound.ts'
import { canDecideFromRegistration, evaluateFilter, type MatchSubject, type QueryData } from './evaluate.ts'
import { parseFactTest } from './fact-test.ts'

const NODE: MatchSubject = {
  identity: 'web1.example.com',
  agents: ['discovery', 'rpcutil'],
  classes: ['ntp', 'role::web', 'a/b'],
  facts: {
    osfamily: 'RedHat',
    processorcount: 4,
    is_virtual: true,
    memory: 1024.5,
    empty: null,
    'dotted.name': 'literal',
    dotted: { name: 'path' },
    os: { family: 'RedHat', release: { major: '9' } },
    disks: ['sda', 'sdb', ['nested'], { key: 1 }],
    temperature: -5,
  },
}
const noData: QueryData = async () => assert.fail('no data plugin should be asked')

function decide(filter: Partial<Filter>, queryData: QueryData = noData, subject = NODE): string {
  const evaluation = evaluateFilter({ ...EMPTY_FILTER, ...filter }, subject, queryData)
  assert.ok(!(evaluation instanceof Promise), 'should be decided at once')
  return evaluation.result === 'error' ? evaluation.code : evaluation.result
}
const fact = (text: string): string => decide({ facts: [parseFactTest(text)] })
const select = (text: string): string => decide({ compounds: [parseCompound(text)] })

test('evaluateFilter: the empty filter matches every node', () => assert.equal(decide({}), 'match'))

test('evaluateFilter ANDs kinds and terms, but ORs identities', () => {
  assert.equal(decide({ classes: ['ntp', 'role::web'], agents: ['rpcutil'] }), 'match')
  assert.equal(decide({ classes: ['ntp', 'nosuch'] }), 'mismatch')
  assert.equal(decide({ identities: ['other', 'web1.example.com', '/web/'] }), 'match')
  assert.equal(decide({ identities: ['web1.example.com'], facts: [parseFactTest('osfamily=Nope')] }), 'mismatch')
  assert.equal(decide({ agents: ['mcollective'] }), 'match')
})

test('evaluateFilter: names are compared whole and by case, /regex/ is searched and keeps inner slashes', () => {
  assert.equal(decide({ classes: ['NTP'] }), 'mismatch')
  assert.equal(decide({ classes: ['/^role::/'] }), 'match')
  assert.equal(decide({ classes: ['/^a/b$/'] }), 'match')
  assert.equal(decide({ identities: ['/(?i)^WEB\\d/'] }), 'match')
})

test('evaluateFilter: facts by value, path, element of a list, key of a map', () => {
  assert.equal(fact('osfamily=RedHat'), 'match')
  assert.equal(fact('osfamily=redhat'), 'mismatch')
  assert.equal(fact('is_virtual=true'), 'match')
  assert.equal(fact('os.release.major=9'), 'match')
  assert.equal(fact('disks.1=sdb'), 'match')
  assert.equal(fact('disks=/^sd/'), 'match')
  assert.equal(fact('disks!=sda'), 'match')
  assert.equal(fact('disks=nested'), 'mismatch')
  assert.equal(fact('os=family'), 'match')
  assert.equal(fact('os=RedHat'), 'mismatch')
  assert.equal(fact('dotted.name=literal'), 'match')
  assert.equal(fact('dotted.name=path'), 'mismatch')
  assert.equal(fact('empty!=x'), 'match')
})

test('evaluateFilter: an absent fact matches nothing, not even !=', () => {
  assert.equal(fact('nosuch!=x'), 'mismatch')
  assert.equal(fact('os.nosuch!=x'), 'mismatch')
  assert.equal(fact('constructor!=x'), 'mismatch')
  assert.equal(fact('os.__proto__.x!=x'), 'mismatch')
  assert.equal(fact('disks.length=4'), 'mismatch')
  assert.equal(select('!nosuch=x'), 'match')
})

test('findFact reads a path only through maps and lists', () => {
  assert.equal(findFact({ a: 'text' }, 'a.0'), undefined)
  assert.equal(findFact({ a: [{ b: 1 }] }, 'a.0.b'), 1)
})

test('compareFact: numbers when both sides are numbers, else text', () => {
  for (const [a, operator, b, wanted] of [
    ['4', '<', '16', true],
    ['-5', '<', '3', true],
    ['-5', '>', '-10', true],
    ['1.5', '<', '20', true],
    ['04', '!=', '4', false],
    ['04', '==', '4', false],
    ['1024.50', '<=', '1024.5', true],
    ['5.10.0', '>', '5.9.0', false],
    ['100000000000000000001', '>', '100000000000000000000', true],
    ['b', '>', 'a', true],
    ['\u{10000}', '>', '\uffff', true],
  ] as const) {
    assert.equal(compareFact(a, operator, b), wanted, `${a} ${operator} ${b}`)
  }
})

test('evaluateFilter: compound expressions bind not, and, or in this order', () => {
  assert.equal(select('nosuch or nosuch2 and ntp'), 'mismatch')
  assert.equal(select('ntp or nosuch and nosuch2'), 'match')
  assert.equal(select('not nosuch and nosuch2'), 'mismatch')
  assert.equal(select('!(ntp and nosuch) and osfamily!=Debian and osfamily=~^Red'), 'match')
  assert.equal(select('!!ntp'), 'match')
})

test('evaluateFilter says why it cannot decide', () => {
  const bad = { fact: 'osfamily', operator: '=~' as FactOperator, value: '[' }
  assert.equal(decide({ facts: [bad] }), 'FILTER_BAD_REGEX')
  assert.equal(decide({ classes: ['//'] }), 'FILTER_BAD_REGEX')
  assert.equal(decide({ compounds: [[{ kind: 'and' }]] }), 'FILTER_BAD_COMPOUND')
  assert.equal(decide({ compounds: [[]] }), 'FILTER_BAD_COMPOUND')
  assert.equal(decide({ facts: [parseFactTest('a=b')] }, noData, { ...NODE, facts: null }), 'FILTER_DATA_FAILED')
})

test('evaluateFilter refuses filters and facts that would take long', () => {
  const regexes = Array.from({ length: 1_000 }, (_, i) => `/[a-z]{200}${i}/`)
  const classes = Array.from({ length: 100 }, (_, i) => `class${i}`)
  assert.equal(decide({ classes: regexes }, noData, { ...NODE, classes }), 'mismatch')
  const never = regexes.map((_, i) => `/^(?:(?!)|x)/`.replace('(?!)', `[a-z]{100}${i}`))
  const both = [...never, 'ntp'].flatMap((name) => [{ kind: 'class' as const, class: name }, { kind: 'or' as const }])
  assert.equal(decide({ compounds: [both.slice(0, -1)] }, noData, { ...NODE, classes }), 'FILTER_TOO_COSTLY')
  const huge = { list: Array.from({ length: 100_000 }, () => 'x') }
  const tests = Array.from({ length: 2_000 }, () => parseFactTest('list!=x'))
  const either = tests.flatMap((t) => [{ kind: 'fact' as const, test: t }, { kind: 'or' as const }])
  assert.equal(decide({ compounds: [either.slice(0, -1)] }, noData, { ...NODE, facts: huge }), 'FILTER_TOO_COSTLY')
})

const OUTPUTS: Values = { text: 'abc', number: 3, yes: true, nothing: null, list: ['abc'] }
const answering: QueryData = async (source) => {
  if (source === 'broken') throw new Error('No such thing')
  return source === 'probe' ? OUTPUTS : undefined
}

async function selectData(text: string, queryData = answering): Promise<string> {
  const evaluation = await evaluateFilter({ ...EMPTY_FILTER, compounds: [parseCompound(text)] }, NODE, queryData)
  return evaluation.result === 'error' ? evaluation.reason : evaluation.result
}

test('evaluateFilter compares outputs of data plugins like with like [cli 4.4]', async () => {
  for (const [test, wanted] of [
    ["probe('x').text=abc", 'match'],
    ["probe('x').text=/b/", 'match'],
    ["probe('x').text!=/b/", 'mismatch'],
    ["probe('x').text!=/z/", 'match'],
    ["probe('x').text>a", 'mismatch'],
    ["probe('x').number=3.0", 'match'],
    ["probe('x').number>-1", 'match'],
    ["probe('x').number=/3/", 'mismatch'],
    ["probe('x').yes=true", 'match'],
    ["probe('x').yes!=true", 'mismatch'],
    ["probe('x').yes>false", 'mismatch'],
    ["probe('x').nothing!=1", 'mismatch'],
    ["probe('x').nosuch=1", 'mismatch'],
    ["!probe('x').nosuch=1", 'match'],
    ["probe('x').list=abc", 'mismatch'],
    ["probe('`x`').number=3", 'mismatch'],
    [
      "probe('x').number=abc",
      "cannot decide probe('x').number: it is 3, so it can only be compared with a number, not with 'abc'",
    ],
    [
      "probe('x').yes=yes",
      "cannot decide probe('x').yes: it is true, so it can only be compared with true or false, not with 'yes'",
    ],
    ['broken().x=1 or ntp', 'cannot decide broken().x: No such thing'],
  ] as const) {
    assert.equal(await selectData(test), wanted, test)
  }
})

test('evaluateFilter: a node without the data plugin never matches, not even under not', async () => {
  assert.equal(await selectData("!nosuch('x').y=1"), 'mismatch')
  assert.equal(await selectData("nosuch('x').y=1 or ntp"), 'mismatch')
})

test('evaluateFilter asks each query once, and none when the rest does not match', async () => {
  const asked: unknown[] = []
  const counting: QueryData = async (source, query) => {
    asked.push([source, query])
    return OUTPUTS
  }
  assert.equal(
    await selectData("probe('a').number=3 and probe('a').yes=true and probe('b').number=3", counting),
    'match',
  )
  assert.deepEqual(asked, [
    ['probe', 'a'],
    ['probe', 'b'],
  ])
  const compounds = [parseCompound("probe('a').number=3"), parseCompound('nosuchclass')]
  assert.equal(decide({ compounds }, noData), 'mismatch')
})

test('canDecideFromRegistration: only data tests need the node itself', () => {
  const filter = { ...EMPTY_FILTER, compounds: [parseCompound('ntp and a=b')] }
  assert.equal(canDecideFromRegistration(filter), true)
  assert.equal(canDecideFromRegistration({ ...filter, compounds: [parseCompound("f('x').y=1")] }), false)
})
