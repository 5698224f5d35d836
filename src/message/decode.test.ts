import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { FILTER_TERMS_MAX, JSON_DEPTH_MAX, PROGRESS_TEXT_LENGTH_MAX } from '#base/limits.ts'
import { parseFilter, parseReply, parseRequest } from './decode.ts'
import { EMPTY_FILTER } from './filter.ts'

const REQUEST = {
  id: '8c22f0d5c7a34e6f9b1d2e3f4a5b6c7d',
  agent: 'rpcutil',
  collective: 'mcollective',
  sender: 'puppetmaster.example.com',
  caller: 'uid=0',
  filter: {
    facts: [{ fact: 'osfamily', operator: '==', value: 'RedHat' }],
    classes: ['ntp'],
    agents: ['rpcutil'],
    identities: ['/web/'],
    compounds: [
      [
        { kind: 'not' },
        { kind: '(' },
        { kind: 'class', class: 'ntp' },
        { kind: 'or' },
        { kind: 'fact', test: { fact: 'uptime', operator: '>=', value: '20' } },
        { kind: ')' },
        { kind: 'and' },
        { kind: 'data', test: { source: 'fstat', query: '/etc/hosts', output: 'md5', operator: '!~', value: '^ab' } },
      ],
    ],
  },
  sentAtMs: 1795324648123,
  ttlSeconds: 60,
  replyTo: '/queue/mcollective.reply.host_4711.1',
  body: { kind: 'rpc', action: 'get_fact', data: { fact: 'osfamily' }, processResults: true },
}
const REPLY = {
  requestId: '8c22f0d5c7a34e6f9b1d2e3f4a5b6c7d',
  sender: 'agent.example.com',
  agent: 'rpcutil',
  sentAtMs: 1795324648200,
  body: { kind: 'rpc', statusCode: 0, statusMessage: 'OK', data: { pong: 1795324648 } },
}
const REGISTRATION = {
  agents: ['rpcutil'],
  collectives: ['mcollective'],
  classes: ['role::web'],
  facts: { os: { family: 'Debian' } },
  version: '3.0.0',
  intervalSeconds: 300,
  leaving: false,
}

/** A copy of `message` with the value at `path` (`body.data`) replaced, or removed when it is undefined. */
function changed(message: object, path: string, value: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(message))
  let at = copy as Record<string, unknown>
  const steps = path.split('.')
  for (const step of steps.slice(0, -1)) at = at[step] as Record<string, unknown>
  const last = steps.at(-1) ?? ''
  if (value === undefined) delete at[last]
  else at[last] = value
  return copy
}

function refusal(parse: (value: unknown) => unknown, value: unknown): string {
  try {
    parse(value)
  } catch (error) {
    assert.ok(isTroupeError(error, 'MESSAGE_INVALID'), String(error))
    assert.equal(typeof error.details.field, 'string')
    return String(error.details.field)
  }
  return 'accepted'
}

test('parseRequest gives back what is complete and right', () => {
  assert.deepEqual(parseRequest(REQUEST), REQUEST)
  assert.deepEqual(parseRequest({ ...REQUEST, replyTo: null }), { ...REQUEST, replyTo: null })
  const text = { ...REQUEST, filter: EMPTY_FILTER, body: { kind: 'text', text: 'ping' } }
  assert.deepEqual(parseRequest(text), text)
  const registration = { ...REQUEST, body: { kind: 'registration', registration: REGISTRATION } }
  assert.deepEqual(parseRequest(registration), registration)
})

test('parseRequest drops keys it does not know', () => {
  const extra = changed(changed(REQUEST, 'more', 1) as object, 'body.more', 1)
  assert.deepEqual(parseRequest(extra), REQUEST)
})

test('parseRequest names the field that is wrong', () => {
  const wrong: [string, unknown][] = [
    ['id', 'short'],
    ['id', undefined],
    ['agent', 'a b'],
    ['agent', 'a'.repeat(257)],
    ['collective', 7],
    ['sender', 'x\n'],
    ['caller', 'root'],
    ['filter', []],
    ['sentAtMs', '1'],
    ['sentAtMs', -1],
    ['ttlSeconds', 0],
    ['ttlSeconds', 86_401],
    ['ttlSeconds', 1.5],
    ['replyTo', ''],
    ['replyTo', 'a\nb'],
    ['replyTo', undefined],
    ['body', null],
    ['body.kind', 'other'],
    ['body.action', ''],
    ['body.data', []],
    ['body.processResults', 1],
  ]
  for (const [path, value] of wrong) assert.equal(refusal(parseRequest, changed(REQUEST, path, value)), path)
  for (const value of [null, 1, 'x', []]) assert.equal(refusal(parseRequest, value), 'the request')
  assert.throws(() => parseRequest(changed(REQUEST, 'ttlSeconds', 'x')), {
    message: 'cannot use a message: ttlSeconds is "x", it should be a whole number from 1 to 86400',
  })
})

test('parseRequest never reads what is not the message’s own', () => {
  assert.equal(refusal(parseRequest, Object.create(REQUEST)), 'id')
})

test('parseRequest names wrong fields of a registration', () => {
  const request = { ...REQUEST, body: { kind: 'registration', registration: REGISTRATION } }
  const at = 'body.registration'
  for (const [path, value] of [
    ['agents', 'rpcutil'],
    ['classes', { 0: 'a' }],
    ['facts', 1],
    ['version', null],
    ['intervalSeconds', -1],
    ['leaving', 'no'],
  ] as const) {
    assert.equal(refusal(parseRequest, changed(request, `${at}.${path}`, value)), `${at}.${path}`)
  }
  assert.equal(refusal(parseRequest, changed(request, `${at}.classes`, ['ok', 1])), `${at}.classes[1]`)
  const withoutFacts = parseRequest(changed(request, `${at}.facts`, null))
  assert.equal(withoutFacts.body.kind === 'registration' && withoutFacts.body.registration.facts, null)
})

test('parseFilter names the term that is wrong', () => {
  const wrong: [string, unknown, string][] = [
    ['facts', [{ fact: 'a', operator: '==', value: 'b' }, 'x'], 'filter.facts[1]'],
    ['facts', [{ fact: 'a', operator: '<=>', value: 'b' }], 'filter.facts[0].operator'],
    ['facts', [{ fact: 'a', operator: '==', value: 1 }], 'filter.facts[0].value'],
    ['classes', [1], 'filter.classes[0]'],
    ['agents', undefined, 'filter.agents'],
    ['identities', 'a', 'filter.identities'],
    ['compounds', [{ kind: 'and' }], 'filter.compounds[0]'],
    ['compounds', [[{ kind: 'xor' }]], 'filter.compounds[0][0].kind'],
    [
      'compounds',
      [[], [{ kind: 'fact', test: { fact: 'a', operator: '!~', value: '' } }]],
      'filter.compounds[1][0].test.operator',
    ],
    [
      'compounds',
      [[{ kind: 'data', test: { source: 'a', query: 1, output: 'b', operator: '==', value: '' } }]],
      'filter.compounds[0][0].test.query',
    ],
  ]
  for (const [key, value, field] of wrong) {
    assert.equal(refusal(parseFilter, changed(EMPTY_FILTER, key, value)), field)
  }
})

test('parseFilter bounds terms of all kinds together, and characters', () => {
  const half = Array.from({ length: FILTER_TERMS_MAX / 2 + 1 }, () => 'a')
  assert.equal(refusal(parseFilter, { ...EMPTY_FILTER, classes: half }), 'accepted')
  assert.equal(refusal(parseFilter, { ...EMPTY_FILTER, classes: half, identities: half }), 'filter')
  assert.equal(refusal(parseFilter, { ...EMPTY_FILTER, classes: ['a'.repeat(70_000)] }), 'filter.classes[0]')
  assert.equal(refusal(parseFilter, { ...EMPTY_FILTER, classes: ['a'.repeat(40_000), 'a'.repeat(40_000)] }), 'filter')
})

test('parseReply gives back what is complete and right', () => {
  assert.deepEqual(parseReply(REPLY), REPLY)
  const text = { ...REPLY, body: { kind: 'text', text: 'pong' } }
  assert.deepEqual(parseReply(text), text)
  const refused = changed(changed(REPLY, 'body.refused', 'expired') as object, 'body.statusCode', 1)
  assert.deepEqual(parseReply(refused), refused)
})

test('parseReply names the field that is wrong', () => {
  for (const [path, value, field] of [
    ['requestId', 'X'],
    ['sender', 'a/b'],
    ['sentAtMs', 1.5],
    ['body.kind', 'registration'],
    ['body.statusCode', 2 ** 60],
    ['body.statusMessage', null],
    ['body.data', 'x'],
    ['body.refused', 'whim'],
    ['body.refused', 'expired', 'body.statusCode'],
  ] as [string, unknown, string?][]) {
    assert.equal(refusal(parseReply, changed(REPLY, path, value)), field ?? path)
  }
})

test('data is handed on as it is, and copied only to drop __proto__', () => {
  const data = { a: [1, { b: null }], constructor: 'kept' }
  const body = parseRequest({ ...REQUEST, body: { ...REQUEST.body, data } }).body
  assert.equal(body.kind === 'rpc' && body.data, data)
  const hostile: unknown = JSON.parse('{"a":[1,{"__proto__":{"admin":true},"b":2}],"__proto__":{"c":3}}')
  const cleaned = parseRequest({ ...REQUEST, body: { ...REQUEST.body, data: hostile } }).body
  assert.deepEqual(cleaned.kind === 'rpc' && cleaned.data, { a: [1, { b: 2 }] })
  assert.equal(cleaned.kind === 'rpc' && Object.hasOwn(cleaned.data, '__proto__'), false)
})

test('data is bounded in depth and made of plain values', () => {
  let deep: unknown = 1
  for (let i = 0; i <= JSON_DEPTH_MAX; i++) deep = [deep]
  for (const value of [deep, undefined, 1n, Number.NaN, new Date(0), () => 0]) {
    assert.equal(refusal(parseRequest, { ...REQUEST, body: { ...REQUEST.body, data: { value } } }), 'body.data')
  }
})

test('parseReply takes progress of a bounded length and share, and drops what nobody knows', () => {
  const reply = (body: object) => parseReply({ requestId: '0'.repeat(32), sender: 'a', agent: 'b', sentAtMs: 1, body })
  const said = { kind: 'progress', text: 'x'.repeat(PROGRESS_TEXT_LENGTH_MAX) }
  assert.deepEqual(reply({ ...said, more: 1 }).body, said)
  assert.deepEqual(reply({ ...said, percent: 100 }).body, { ...said, percent: 100 })
  for (const wrong of [
    { text: 1 },
    { text: `${said.text}y` },
    { percent: 101 },
    { percent: -1 },
    { percent: 0.5 },
    { percent: '5' },
    { percent: null },
  ]) {
    assert.throws(() => reply({ ...said, ...wrong }), { code: 'MESSAGE_INVALID' }, JSON.stringify(wrong))
  }
})
