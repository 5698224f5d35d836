// What goes wrong around a running collective, with real processes: brokers and nodes that are killed, captured requests,
// clocks that differ, crowds that never log in, a full disk, hostile agents. docs/reference/bad-input.md lists all of it.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { after, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallSummary } from '#client/api.ts'
import { EMPTY_FILTER, type Filter } from '#message/filter.ts'
import type { Reply } from '#message/reply.ts'
import type { Request } from '#message/request.ts'
import { createPskScheme } from '#security/psk.ts'
import type { SealedRequest } from '#security/security.ts'
import type { Peer } from '../../src/broker/test-peer.ts'
import { connect } from '../../src/main/index.ts'
import { createLocalCollective, eventually, type LocalCollective } from './local-collective.ts'

const REPLIES = '/queue/mcollective.reply.stranger_1.1'
const CROWD = 2_200
const CONTROLS = '\u001b[2J\u001b]0;owned\u0007\u009b31m\u202egnp.exe\u0000\r\u2028 \u{e0041}end'

const collective = await createLocalCollective()
const { identity, at } = collective
/** What a test leaves open when it fails. */
const open = new Set<() => unknown>()
after(async () => {
  for (const close of open) await close()
  await collective.close()
})
installAgents(collective)
let broker = await collective.startBroker()
let node = await collective.startNode()

beforeEach(async () => {
  if (broker.ended()) broker = await collective.startBroker()
  if (node.ended()) node = await collective.startNode()
})

const scheme = createPskScheme({ psk: readFileSync(at('credentials'), 'utf8'), caller: 'uid=0', now: Date.now })

/** Actions with consequences, as programs, and one whose answers are poison for a terminal. */
function installAgents({ at }: LocalCollective): void {
  const agents = at('plugins', 'mcollective', 'agent')
  const ddl = (name: string, actions: string): string =>
    `metadata :name => "${name}", :description => "x", :author => "x", :license => "x", :version => "1",\n` +
    `         :url => "https://example.com/", :timeout => 20\n${actions}`
  const action = (name: string): string => `action "${name}", :description => "x" do\n  display :always\nend\n`
  mkdirSync(`${agents}/deed`)
  writeFileSync(`${agents}/deed.ddl`, ddl('deed', action('mark') + action('linger')))
  writeFileSync(`${agents}/deed/mark`, `#!/bin/sh\necho done >> ${at('marks')}\n`)
  writeFileSync(`${agents}/deed/linger`, `#!/bin/sh\necho $$ > ${at('linger.pid')}\nexec sleep 600\n`)
  for (const program of ['mark', 'linger']) chmodSync(`${agents}/deed/${program}`, 0o755)
  const input = `  input :kind, :prompt => "x", :description => "x", :type => :string, :validation => ".", :optional => false, :maxlength => 10\n`
  const output = `  output :text, :description => "x", :display_as => "Text"\n`
  writeFileSync(
    `${agents}/shout.ddl`,
    ddl('shout', `action "shout", :description => "x" do\n  display :always\n${input}${output}end\n`),
  )
  const texts = {
    controls: CONTROLS,
    line: 'x'.repeat(1_000_000),
    large: 'y'.repeat(9_500_000),
    toolarge: 'z'.repeat(10_600_000),
  }
  const expressions = Object.entries(texts).map(([name, text]) =>
    name === 'controls' ? `${name}: ${JSON.stringify(text)}` : `${name}: '${text[0]}'.repeat(${text.length})`,
  )
  writeFileSync(
    `${agents}/shout.mjs`,
    `const texts = { ${expressions.join(', ')} }\n` +
      "export default { actions: { shout: ({ data }) => ({ text: texts[data.kind], '\\u001b[31mkey': 1 }) } }\n",
  )
}

const marks = (): number => (existsSync(at('marks')) ? readFileSync(at('marks'), 'utf8').split('\n').length - 1 : 0)
const nodeLog = (): string => readFileSync(at('log', 'mcollective.log'), 'utf8')
const audit = (): { outcome: string; action: string; requestid: string }[] =>
  readFileSync(at('log', 'audit.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

function sealed(over: Partial<Request> = {}): SealedRequest & { readonly id: string } {
  const id = randomBytes(16).toString('hex')
  const request: Request = {
    ...{ id, agent: 'deed', collective: 'mcollective', sender: 'stranger', caller: 'uid=0', filter: EMPTY_FILTER },
    ...{ sentAtMs: Date.now(), ttlSeconds: 600, replyTo: REPLIES },
    body: { kind: 'rpc', action: 'mark', data: {}, processResults: true },
    ...over,
  }
  return { ...scheme.encodeRequest(request), id: request.id }
}

/** Sends bytes as they are to the agent `deed`, again and again if need be. */
function send(peer: Peer, { bytes }: SealedRequest, agent = 'deed'): void {
  peer.send('SEND', ['destination', `/topic/mcollective.${agent}.agent`], bytes)
}

async function answerTo(peer: Peer, request: SealedRequest): Promise<Reply> {
  const frame = await peer.next()
  assert.equal(frame.command, 'MESSAGE', JSON.stringify(frame.headers))
  return scheme.decodeReply(frame.body, () => [request])
}

/** A client that hears the answers to its requests. */
async function stranger(): Promise<Peer> {
  const peer = await collective.login('client')
  open.add(() => peer.socket.destroy())
  assert.equal((await peer.subscribe('1', REPLIES)).command, 'RECEIPT')
  return peer
}

async function library(): ReturnType<typeof connect> {
  const client = await connect({ config: collective.state.clientConfig })
  open.add(() => client.close())
  return client
}

/** Sends what starts an action that lasts, and gives the process id of its program. */
async function lingering(start: () => unknown): Promise<number> {
  writeFileSync(at('linger.pid'), '')
  start()
  const pid = (): number => Number(readFileSync(at('linger.pid'), 'utf8'))
  await eventually('the action runs', () => pid() > 0)
  // Kept now: an empty file read later would be process 0, which is everything in this group.
  const started = pid()
  open.add(() => isAlive(started) && process.kill(started, 'SIGKILL'))
  return started
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function untilNodeAnswers(): Promise<void> {
  await eventually('the node answers', async () => (await collective.mco(['find'])).stdout.includes(identity))
}

test('a captured request is refused a second time, after SIGKILL and after a restart in good order as well', async () => {
  let peer = await stranger()
  const captured = sealed()
  send(peer, captured)
  assert.equal((await answerTo(peer, captured)).body.kind, 'rpc')
  send(peer, captured)
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    await eventually('the replay is audited', () =>
      audit().some((line) => line.outcome === 'replayed' && line.requestid === captured.id),
    )
    await node.end(signal)
    node = await collective.startNode()
    send(peer, captured)
    const fresh = sealed()
    send(peer, fresh)
    // The fresh request is answered, the captured one before it was not.
    assert.equal((await answerTo(peer, fresh)).requestId, fresh.id)
  }
  assert.equal(marks(), 3)
  assert.equal(audit().filter((line) => line.requestid === captured.id && line.outcome === 'started').length, 1)
  peer.socket.destroy()
  peer = await collective.login('node')
  send(peer, sealed())
  assert.equal((await peer.next()).command, 'ERROR')
  peer.socket.destroy()
})

test('a request from another time gets a refusal that names the skew, on the screen of mco too', async () => {
  const peer = await stranger()
  for (const [offsetMs, refused, words] of [
    [-3_600_000, 'expired', /has expired: .* by the clock of stranger, .* 3600\.\d s apart/],
    [3_600_000, 'skewed', /from the future: .* 3600\.\d s in the future, at most 60 s/],
  ] as const) {
    const request = sealed({ sentAtMs: Date.now() + offsetMs })
    send(peer, request)
    const { body } = await answerTo(peer, request)
    assert.ok(body.kind === 'rpc' && body.refused === refused, JSON.stringify(body))
    assert.match(body.statusMessage, words)
  }
  peer.socket.destroy()
  const ahead = await collective.mco(['rpc', 'deed', 'mark'], { clockOffsetMs: 3_600_000 })
  assert.match(ahead.stdout + ahead.stderr, /The request comes from the future: .* (3599|3600)\.\d s in the future/)
  const behind = await collective.mco(['rpc', 'deed', 'mark'], { clockOffsetMs: -3_600_000 })
  assert.match(behind.stdout + behind.stderr, /The request has expired: .* 360\d\.\d s apart/)
  assert.equal(marks(), 3)
})

test('a request with another key is silence for who sent it and a log line on the node, which names both keys', async () => {
  const peer = await stranger()
  const foreign = createPskScheme({ psk: 'not the key of this fleet', caller: 'uid=0', now: Date.now })
  const { id: _, ...request } = { ...sealed(), id: '' }
  const opened = scheme.decodeRequest(request.bytes)
  send(peer, foreign.encodeRequest(opened.request))
  await eventually('the log line', () =>
    /dropped a message that cannot be trusted: .* made with key [0-9a-f]{8}, this process has [0-9a-f]{8}/.test(
      nodeLog(),
    ),
  )
  const good = sealed()
  send(peer, good)
  assert.equal((await answerTo(peer, good)).requestId, good.id)
  assert.equal(peer.frames.length, 0)
  peer.socket.destroy()
})

test('filters of a megabyte and expressions that explode cost a node nothing but a log line', async () => {
  const peer = await stranger()
  const before = nodeLog().length
  const filters: Partial<Filter>[] = [
    { identities: ['a'.repeat(1_000_000)] },
    { identities: ['/(a+)+$/', `/${'('.repeat(300)}/`, '/(.{1,1000}){1,1000}/', '/^(([a-z])+.)+[A-Z]([a-z])+$/'] },
    { facts: Array.from({ length: 1_900 }, (_, i) => ({ fact: 'kernel', operator: '=~', value: `/(.*a){30}${i}/` })) },
    { compounds: [Array.from({ length: 1_900 }, () => ({ kind: 'not' as const }))] },
  ]
  for (const filter of filters) send(peer, sealed({ filter: { ...EMPTY_FILTER, ...filter } }))
  const good = sealed()
  send(peer, good)
  assert.equal((await answerTo(peer, good)).requestId, good.id)
  const said = nodeLog().slice(before)
  assert.match(said, /cannot be trusted: .*filter/)
  // The third one is merely no match: linear, and given up at its first term.
  assert.equal(said.match(/cannot evaluate the filter/g)?.length, 2)
  peer.socket.destroy()
})

test('a truncated credentials file stops mco with a sentence that shows nothing of it', async () => {
  const file = at('credentials')
  const key = readFileSync(file, 'utf8')
  try {
    for (const [length, says] of [
      [5, /cannot use the pre-shared key: it has fewer than 8 characters/],
      [0, /cannot use \S+ \(plugin.psk.file\): it holds no password/],
    ] as const) {
      truncateSync(file, length)
      const { code, stdout, stderr } = await collective.mco(['ping'])
      assert.notEqual(code, 0)
      assert.match(stderr, says)
      if (length > 0) assert.ok(!(stdout + stderr).includes(key.slice(0, length)))
    }
  } finally {
    writeFileSync(file, key)
  }
  await untilNodeAnswers()
})

test('a reply address that no broker takes, or that nodes may not use, costs nobody his connection', async () => {
  const peer = await stranger()
  const before = nodeLog().length
  for (const replyTo of [
    '/topic/a*b',
    '/nowhere/a',
    '/topic/mcollective.deed.agent',
    '/queue/mcollective.nodes',
    'x',
  ]) {
    send(peer, sealed({ replyTo }))
  }
  const said = (): string => nodeLog().slice(before)
  await eventually('five complaints', () => (said().match(/cannot send the answer to request/g)?.length ?? 0) >= 5)
  const good = sealed()
  send(peer, good)
  assert.equal((await answerTo(peer, good)).requestId, good.id)
  assert.doesNotMatch(said(), /lost/)
  peer.socket.destroy()
})

test('a broker that is killed in the middle of a call: node and client come back and the answer arrives', async () => {
  const client = await library()
  const filter = { ...EMPTY_FILTER, identities: [identity] }
  const calls: { summary: Promise<CallSummary> }[] = []
  const call = (timeoutSeconds?: number): unknown =>
    calls.push(client.agent('deed').call('linger', {}, { filter, ...(timeoutSeconds ? { timeoutSeconds } : {}) }))
  const pid = await lingering(() => call(18))
  await broker.end('SIGKILL')
  process.kill(pid, 'SIGKILL')
  await sleep(500)
  broker = await collective.startBroker()
  const waited = await calls[0]!.summary
  assert.deepEqual([waited.targeted, waited.failed, waited.noResponse], [1, 1, []])
  // Without a time of the operator's own, a node that gave no sign of life within the discovery time is named instead.
  process.kill(await lingering(call), 'SIGKILL')
  await broker.end('SIGKILL')
  const named = await calls[1]!.summary
  assert.equal(named.targeted, 1)
  assert.equal(named.failed + named.noResponse.length, 1)
  broker = await collective.startBroker()
  // Both sides try again at growing intervals; what is sent meanwhile waits.
  const next = await client.agent('rpcutil').call('ping', {}, { filter, timeoutSeconds: 45 }).summary
  assert.deepEqual([next.ok, next.noResponse], [1, []])
  await client.close()
})

test('a node that is killed in the middle of an action is named, leaves a trace, and does not run it again', async () => {
  const client = await library()
  const peer = await stranger()
  const request = sealed({ body: { kind: 'rpc', action: 'linger', data: {}, processResults: true } })
  const pid = await lingering(() => send(peer, request))
  await node.end('SIGKILL')
  const filter = { ...EMPTY_FILTER, identities: [identity] }
  const summary = await client.agent('rpcutil').call('ping', {}, { filter }).summary
  assert.deepEqual([summary.targeted, summary.noResponse], [1, [identity]])
  const outcomes = (): string[] =>
    audit()
      .filter((line) => line.requestid === request.id)
      .map((line) => line.outcome)
  assert.deepEqual(outcomes(), ['started'])
  node = await collective.startNode()
  send(peer, request)
  await eventually('the replay is audited', () => outcomes().includes('replayed'))
  assert.deepEqual(outcomes(), ['started', 'replayed'])
  process.kill(pid, 'SIGKILL')
  peer.socket.destroy()
  await client.close()
})

test('SIGTERM while an action runs: it is ended with its program, answered, and the node goes within seconds', async () => {
  const peer = await stranger()
  const request = sealed({ body: { kind: 'rpc', action: 'linger', data: {}, processResults: true } })
  const pid = await lingering(() => send(peer, request))
  assert.equal(await node.end('SIGTERM'), 0)
  const { body } = await answerTo(peer, request)
  assert.ok(body.kind === 'rpc' && body.statusCode !== 0, JSON.stringify(body))
  assert.match(body.statusMessage, /daemon is stopping/)
  assert.equal(isAlive(pid), false)
  peer.socket.destroy()
})

test(`${CROWD} connections that never log in keep nobody from working`, async () => {
  const client = await library()
  const crowd: Socket[] = []
  const hello = Buffer.from('16030100', 'hex')
  for (let i = 0; i < CROWD; i++) {
    const socket = connectTcp(collective.state.port, '127.0.0.1')
    socket.on('error', () => {})
    // Some are silent, some begin a TLS handshake and never go on.
    if (i % 3 === 0) socket.write(hello)
    crowd.push(socket)
    open.add(() => socket.destroy())
    if (i % 200 === 199) {
      await Promise.all(crowd.slice(-200).map((s) => s.connecting && once(s, 'connect').catch(() => {})))
      const { ok } = await client.agent('rpcutil').call('ping', {}, {}).summary
      assert.equal(ok, 1)
    }
  }
  const { code, stdout } = await collective.mco(['find'])
  assert.deepEqual([code, stdout], [0, `${identity}\n`])
  for (const socket of crowd) socket.destroy()
  await client.close()
})

test('what a node says cannot reach the terminal as anything but text, whatever its size', async () => {
  const ask = (kind: string, ...more: string[]) => collective.mco(['rpc', 'shout', 'shout', `kind=${kind}`, ...more])
  for (const more of [[], ['--json']]) {
    const { stdout, stderr } = await ask('controls', ...more)
    assert.match(stdout, /gnp\.exe/)
    if (more.length > 0) assert.equal(JSON.parse(stdout)[0].data.text, CONTROLS)
    assert.doesNotMatch(
      stdout + stderr,
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/,
    )
  }
  assert.ok((await ask('line')).stdout.includes('x'.repeat(1_000_000)))
  assert.ok((await ask('large')).stdout.includes('y'.repeat(9_500_000)))
  const tooLarge = await ask('toolarge')
  assert.match(tooLarge.stdout + tooLarge.stderr, /the answer cannot be sent: .*10485760 are allowed/)
})

test('hostile facts, a torn journal, a torn roster and a full disk under the audit log do not keep a node from working', async () => {
  await node.end('SIGKILL')
  appendFileSync(at('server.cfg'), 'factsource = yaml\nplugin.rpcaudit.logfile = /dev/full\n')
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
  for (let i = 0; i < 12; i++)
    bomb.push(`${'bcdefghijklm'[i]}: &${'bcdefghijklm'[i]} [${`*${'abcdefghijkl'[i]}, `.repeat(9)}]`)
  const files = ['replay', 'roster.json'].map((name) => at('state', name))
  for (const [name, facts, complaint] of [
    ['an alias bomb', bomb.join('\n'), /facts/],
    ['5 MB', `a: ${'x'.repeat(5_000_000)}`, /facts/],
    ['depth', `a: ${'['.repeat(5_000)}${']'.repeat(5_000)}`, /facts/],
    ['no YAML', 'a: [1\nb: }', /facts/],
  ] as const) {
    writeFileSync(at('facts.yaml'), facts)
    for (const file of files) if (existsSync(file)) truncateSync(file, Math.min(41, readFileSync(file).length))
    node = await collective.startNode()
    await untilNodeAnswers()
    const { stdout } = await collective.mco(['inventory', identity])
    assert.match(stdout, complaint, name)
    // A damaged journal distrusts what was sent up to a minute after it; a fact that cannot be read is absent.
    await node.end('SIGTERM')
  }
  assert.match(nodeLog(), /cannot write the audit log \/dev\/full: ENOSPC.*requests go on/)
  assert.match(nodeLog(), /audit: \{/)
})

test('no secret is in a log, a command line or a file others may read', async () => {
  const { passwords } = JSON.parse(readFileSync(at('setup.json'), 'utf8')) as { passwords: Record<string, string> }
  const secrets = [readFileSync(at('credentials'), 'utf8').trim(), ...Object.values(passwords)]
  const logs = ['mcollective.log', 'broker.log', 'audit.log'].map((name) => readFileSync(at('log', name), 'utf8'))
  const commandLine =
    readFileSync(`/proc/${broker.pid}/cmdline`, 'utf8') + readFileSync(`/proc/${broker.pid}/environ`, 'utf8')
  for (const secret of secrets) for (const text of [...logs, commandLine]) assert.ok(!text.includes(secret))
})
