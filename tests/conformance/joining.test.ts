// Joining over real TLS: the master proves itself before it hears the token, and whoever poses as it hears nothing. docs/decisions/0008-credentials.md

import assert from 'node:assert/strict'
import { connect as connectPlain } from 'node:net'
import { afterEach, test } from 'node:test'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { isTroupeError } from '#base/errors.ts'
import { joinCollective } from '#main/join-client.ts'
import { type JoinListener, listenForJoins } from '#main/join-listener.ts'
import { createAuthority, issueServerCertificate } from '#setup/certificates.ts'
import { createJoinDesk, type JoinGrant } from '#setup/join-desk.ts'
import { authorityDigest, type JoinToken } from '#setup/join-token.ts'

const nowMs = Date.now()
const authority = await createAuthority('the master', { nowMs })
const server = await issueServerCertificate(authority, { names: ['127.0.0.1'], nowMs, days: 1 })
const grant: JoinGrant = {
  master: 'puppetmaster.example.com',
  broker: { host: 'puppetmaster.example.com', port: 61_613, user: 'node', password: 'secret' },
  collectives: ['mcollective'],
  key: { scheme: 'psk', credentials: 'the password\n' },
}
const listeners: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of listeners.splice(0)) await one.close()
})

async function waiting(count = 1): Promise<{ listener: JoinListener; tokens: JoinToken[]; told: string[] }> {
  const untilMs = nowMs + 60_000
  const desk = createJoinDesk({ count, untilMs, now: () => nowMs, grant: () => grant })
  const told: string[] = []
  const listener = await listenForJoins({
    listen: { host: '127.0.0.1', port: 0 },
    ...{ key: server.key, certificate: server.certificate, authority: authority.certificate, desk },
    onJoined(identity, from) {
      if (identity === 'unlucky') throw new Error('no room for copies')
      told.push(`${identity} from ${from}`)
    },
    onRefused: (why) => told.push(why),
  })
  listeners.push(listener)
  const where = { host: '127.0.0.1', port: listener.port, authority: authorityDigest(authority.certificate), untilMs }
  return { listener, told, tokens: desk.secrets.map((secret) => ({ ...where, secret })) }
}

/** Somebody who answers in the master's place, and writes down what it hears. */
async function impostor(own: { key: string; certificate: string }, shows: string) {
  const heard: string[] = []
  const listener = createTlsServer({ key: own.key, cert: own.certificate }, (socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      heard.push(String(chunk))
      socket.end(`${JSON.stringify({ authority: shows })}\n`)
    })
  })
  listener.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  listeners.push(listener)
  return { heard, port: (listener.address() as { port: number }).port }
}

const unreachable = (why: RegExp) => (error: unknown) =>
  isTroupeError(error, 'SETUP_JOIN_UNREACHABLE') && why.test(error.message)

test('joinCollective: a token gives the grant and the authority, once; the listener is done when all are used', async () => {
  const { listener, tokens, told } = await waiting()
  const joined = await joinCollective(tokens[0]!, { identity: 'web1' })
  assert.deepEqual(joined, { grant, authority: authority.certificate })
  await listener.done
  assert.deepEqual(told, ['web1 from 127.0.0.1'])
  await assert.rejects(joinCollective(tokens[0]!, { identity: 'web2' }), /the token has been used/)
})

test('joinCollective: one of several machines that use a token at the same moment joins', async () => {
  const { tokens, told } = await waiting(2)
  const attempts = Array.from({ length: 10 }, (_, i) => joinCollective(tokens[0]!, { identity: `web${i}` }))
  const settled = await Promise.allSettled(attempts)
  assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1)
  assert.equal(told.filter((line) => line.includes(' from ')).length, 1)
})

test('listenForJoins: whoever used a token up is given what it was for, also when the master cannot do what follows', async () => {
  const { listener, tokens, told } = await waiting()
  assert.deepEqual((await joinCollective(tokens[0]!, { identity: 'unlucky' })).grant, grant)
  await listener.done
  assert.deepEqual(told, ['unlucky joined, and then: no room for copies'])
})

test('joinCollective: somebody with another authority hears no token', async () => {
  const { tokens } = await waiting()
  const other = await createAuthority('somebody', { nowMs })
  const own = await issueServerCertificate(other, { names: ['127.0.0.1'], nowMs, days: 1 })
  for (const shows of [other.certificate, '', 'x']) {
    const { heard, port } = await impostor(own, shows)
    await assert.rejects(
      joinCollective({ ...tokens[0]!, port }, { identity: 'web1' }),
      unreachable(/another certificate authority/),
    )
    assert.ok(!heard.join().includes(tokens[0]!.secret))
  }
})

test('joinCollective: somebody who shows the right authority without its key, or with the certificate of another host, hears no token', async () => {
  const { tokens } = await waiting()
  const other = await createAuthority('somebody', { nowMs })
  const forged = await issueServerCertificate(other, { names: ['127.0.0.1'], nowMs, days: 1 })
  const node = await issueServerCertificate(authority, { names: ['web1.example.com'], nowMs, days: 1 })
  for (const own of [forged, node]) {
    const { heard, port } = await impostor(own, authority.certificate)
    await assert.rejects(
      joinCollective({ ...tokens[0]!, port }, { identity: 'web1' }),
      unreachable(/certificate|altnames/),
    )
    assert.ok(!heard.join().includes(tokens[0]!.secret))
  }
})

test('joinCollective: nobody there says so, and until when somebody was', async () => {
  const { listener, tokens } = await waiting()
  await listener.close()
  await assert.rejects(
    joinCollective(tokens[0]!, { identity: 'web1' }),
    unreachable(/ECONNREFUSED.*must be waiting there.*until 20/),
  )
})

test('listenForJoins: nonsense, too much and half a handshake cost their sender the connection, and a token is still good afterwards', async () => {
  const { listener, tokens, told } = await waiting()
  const say = (bytes: string | Buffer): Promise<string> =>
    new Promise((resolve) => {
      let got = ''
      const socket = connectTls({ host: '127.0.0.1', port: listener.port, rejectUnauthorized: false }, () =>
        socket.write(bytes),
      )
      socket.on('data', (chunk) => {
        got += chunk
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve(got))
    })
  assert.equal(await say('hello\n'), '')
  assert.equal(await say(Buffer.alloc(100_000, 'a')), '')
  assert.match(await say('null\n'), /"refused":"unknown"/)
  assert.match(await say('{"want":"join","__proto__":{"secret":"x"}}\n'), /"refused":"unknown"/)
  const plain = connectPlain(listener.port, '127.0.0.1')
  plain.on('error', () => {})
  await new Promise<void>((resolve) => plain.once('connect', resolve))
  plain.write('CONNECT\n\n\0')
  assert.ok(
    told.some((line) => line.includes('no line of JSON')) && told.some((line) => line.includes('more than 4096 bytes')),
  )
  assert.equal((await joinCollective(tokens[0]!, { identity: 'web1' })).grant.master, grant.master)
  plain.destroy()
})

test('listenForJoins: a port that is taken is SETUP_PORT_IN_USE', async () => {
  const { listener } = await waiting()
  const desk = createJoinDesk({ count: 1, untilMs: 0, now: () => 0, grant: () => grant })
  const options = {
    key: server.key,
    certificate: server.certificate,
    authority: '',
    desk,
    onJoined() {},
    onRefused() {},
  }
  await assert.rejects(listenForJoins({ ...options, listen: { host: '127.0.0.1', port: listener.port } }), (error) =>
    isTroupeError(error, 'SETUP_PORT_IN_USE'),
  )
})
