// What the STOMP connector does when something goes wrong: brokers that die, refuse, fall silent or speak nonsense, and
// certificates that cannot be trusted. [wire 1.5] [B-020]

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { type ErrorCode, isTroupeError } from '#base/errors.ts'
import type { Log } from '#base/log.ts'
import type { Connector, ConnectorStatus } from '#transport/connector.ts'
import type { PoolMember } from '#transport/stomp/link.ts'
import { createStompConnector, type StompConnectorOptions } from '#transport/stomp/stomp-connector.ts'
import type { TlsSettings } from '#transport/stomp/tls.ts'
import { headerOf } from '#wire/stomp/frame.ts'
import { Deliveries, until } from './deliveries.ts'
import { type ScriptedBroker, startScriptedBroker } from './scripted-broker.ts'
import { createTestAuthority, type TestAuthority, type TestCertificate } from './test-certificates.ts'

const PASSWORD = 'kept-from-every-log'
const ttl = { ttlMs: 20_000 }
const target = { kind: 'broadcast', collective: 'mcollective', agent: 'rpcutil' } as const
const other = { ...target, agent: 'puppet' } as const
const text = (value: string): Uint8Array => Buffer.from(value)
const withCode =
  (...codes: ErrorCode[]) =>
  (error: unknown): boolean =>
    isTroupeError(error, ...codes) || assert.fail(String(error))

/** Everything the connectors of this file said, in logs and statuses. */
const said: string[] = []
const record =
  (level: string) =>
  (message: string, fields?: object): void =>
    void said.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`)
const log: Log = {
  debug: record('debug'),
  info: record('info'),
  warn: record('warn'),
  error: record('error'),
  fatal: record('fatal'),
}

interface Stage {
  broker(options?: Parameters<typeof startScriptedBroker>[0]): Promise<ScriptedBroker>
  connector(pool: ScriptedBroker | readonly PoolMember[], options?: Partial<StompConnectorOptions>): Connector
}

/** Everything a test starts ends with it. */
function fault(name: string, body: (stage: Stage) => Promise<void>): void {
  test(name, { timeout: 60_000 }, async () => {
    const ends: (() => Promise<unknown>)[] = []
    try {
      await body({
        async broker(options) {
          const broker = await startScriptedBroker(options)
          ends.push(() => broker.close())
          return broker
        },
        connector(pool, options) {
          const connector = createStompConnector({
            pool: Array.isArray(pool) ? pool : [memberOf(pool as ScriptedBroker)],
            identity: 'node1.example.com',
            pid: 1,
            backoff: { maxMs: 20 },
            log,
            ...options,
          })
          ends.unshift(() => connector.disconnect())
          return connector
        },
      })
    } finally {
      for (const end of ends) await end()
    }
  })
}

const memberOf = ({ port }: { readonly port: number }, more: Partial<PoolMember> = {}): PoolMember => ({
  host: '127.0.0.1',
  port,
  user: 'mcollective',
  password: PASSWORD,
  ...more,
})

/** Resolves with the first status that fits. */
async function status(connector: Connector, fits: (status: ConnectorStatus) => boolean): Promise<ConnectorStatus> {
  let found: ConnectorStatus | undefined
  let wake = (): void => {}
  connector.onStatus = (s) => {
    said.push(JSON.stringify(s))
    if (!found && fits(s)) found = s
    wake()
  }
  await until(
    () => found !== undefined,
    (check) => {
      wake = check
    },
    () => 'no such status',
  )
  return found!
}

describe('createStompConnector: the broker fails', () => {
  fault('dies before it confirmed: the message is sent again and publish resolves once [wire 1.5]', async (stage) => {
    const broker = await stage.broker()
    const connector = stage.connector(broker)
    await connector.connect()
    broker.script = (frame, peer) => {
      if (frame.command !== 'SEND') return peer.obey(frame)
      broker.script = undefined
      broker.cut()
    }
    await connector.publish(target, text('again'), ttl)
    assert.deepEqual(broker.sends(), ['again', 'again'])
    const [first, second] = broker.frames.filter((f) => f.command === 'SEND')
    assert.deepEqual(first!.headers, second!.headers)
  })

  fault('is away for a while and comes back on its port: subscriptions and messages too', async (stage) => {
    const first = await startScriptedBroker()
    const connector = stage.connector(first)
    const got = new Deliveries()
    connector.subscribe(target, got.take)
    await connector.connect()
    const gone = status(connector, (s) => s.state === 'disconnected')
    await first.close()
    await gone
    const waiting = [1, 2, 3].map((i) => connector.publish(target, text(`m${i}`), ttl))
    const second = await stage.broker({ port: first.port })
    await Promise.all(waiting)
    await got.reach(3)
    assert.deepEqual(got.texts, ['m1', 'm2', 'm3'])
    assert.equal(second.frames.filter((f) => f.command === 'SUBSCRIBE').length, 1)
  })

  fault('is not there: the next of the pool is used, and again after that one broke [wire 1.5]', async (stage) => {
    const broker = await stage.broker()
    const connector = stage.connector([{ host: '127.0.0.1', port: 1 }, memberOf(broker)])
    const tried: string[] = []
    connector.onStatus = (s) => void (s.state === 'connecting' && tried.push(s.to))
    await connector.connect()
    broker.cut()
    await connector.publish(target, text('x'), ttl)
    const [absent, present] = ['stomp://127.0.0.1:1', `stomp://127.0.0.1:${broker.port}`]
    assert.deepEqual(tried.slice(0, 3), [absent, present, present])
  })

  fault('falls silent: so many missed heart-beats as are allowed end the connection [wire 1.5]', async (stage) => {
    const broker = await stage.broker()
    broker.script = (frame, peer) => {
      if (frame.command === 'CONNECT') peer.send('CONNECTED', ['version', '1.2', 'heart-beat', '40,40'])
    }
    const connector = stage.connector(broker, { heartbeatSeconds: 0.04, heartbeatsMissedMax: 3 })
    await connector.connect()
    const lost = await status(connector, (s) => s.state === 'disconnected')
    assert.match(JSON.stringify(lost), /no sign of life.*heart-beats missed: 3/)
  })

  fault('sends heart-beats only: the connection lives, and gets ours [STOMP-1.2 heart-beating]', async (stage) => {
    const broker = await stage.broker()
    broker.script = (frame, peer) => {
      if (frame.command !== 'CONNECT') return peer.obey(frame)
      peer.send('CONNECTED', ['version', '1.2', 'heart-beat', '40,40'])
      const beat = setInterval(() => peer.socket.write('\n'), 20)
      peer.socket.on('close', () => clearInterval(beat))
    }
    const connector = stage.connector(broker, { heartbeatSeconds: 0.04 })
    await connector.connect()
    const [peer] = broker.peers
    await new Promise((resolve) => setTimeout(resolve, 400))
    assert.equal(broker.count.connections, 1)
    assert.ok(peer!.chunks > 3, 'heart-beats arrived')
  })

  fault('never confirms: publish rejects with TRANSPORT_EXPIRED and says that it was sent', async (stage) => {
    const broker = await stage.broker()
    const connector = stage.connector(broker)
    await connector.connect()
    broker.script = () => {}
    await assert.rejects(connector.publish(target, text('x'), { ttlMs: 50 }), (error) => {
      assert.ok(isTroupeError(error, 'TRANSPORT_EXPIRED'))
      assert.equal(error.details.sent, true)
      return true
    })
    broker.script = undefined
  })

  fault('sends bytes that are no STOMP: the connection is made anew', async (stage) => {
    const broker = await stage.broker()
    const connector = stage.connector(broker)
    await connector.connect()
    const lost = status(connector, (s) => s.state === 'disconnected')
    for (const { socket } of broker.peers) socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')
    assert.match(JSON.stringify(await lost), /cannot understand/)
    await connector.publish(target, text('x'), ttl)
  })

  fault('reads slowly: publishing pauses instead of filling memory, and all arrives', async (stage) => {
    const broker = await stage.broker()
    const connector = stage.connector(broker)
    await connector.connect()
    for (const { socket } of broker.peers) socket.pause()
    const body = Buffer.alloc(100_000, 'x')
    const all = Array.from({ length: 200 }, () => connector.publish(target, body, ttl))
    await new Promise((resolve) => setTimeout(resolve, 100))
    for (const { socket } of broker.peers) socket.resume()
    await Promise.all(all)
    assert.equal(broker.frames.filter((f) => f.command === 'SEND' && f.body.length === 100_000).length, 200)
  })

  fault('accepts but never answers: connectTimeoutMs ends the attempt', async (stage) => {
    const broker = await stage.broker()
    broker.script = () => {}
    const connector = stage.connector(broker, { connectTimeoutMs: 50, attemptsMax: 2 })
    await assert.rejects(connector.connect(), (error) => {
      assert.ok(isTroupeError(error, 'TRANSPORT_UNREACHABLE'))
      assert.match(error.message, /2 attempts failed.*no login within 50 ms/)
      return true
    })
    broker.script = undefined
  })
})

describe('createStompConnector: the broker refuses', () => {
  const refuseLogin: NonNullable<ScriptedBroker['script']> = (frame, peer) => {
    if (frame.command !== 'CONNECT') return peer.obey(frame)
    peer.send('ERROR', ['message', `bad login\u001b[31m\u0007 ${PASSWORD}`], 'Access refused\r\n\tat java.lang.X')
    peer.socket.end()
  }

  fault('the login: a client gives up with the reason, cleaned of control characters and secrets', async (stage) => {
    const broker = await stage.broker()
    broker.script = refuseLogin
    const connector = stage.connector(broker, { giveUpOnRefusal: true })
    await assert.rejects(connector.connect(), (error) => {
      assert.ok(isTroupeError(error, 'TRANSPORT_LOGIN_REFUSED'))
      assert.match(error.message, /as "mcollective": it answered: bad login \[31m \*\*\*: Access refused$/)
      return true
    })
  })

  fault('the login at one of the pool: a client tries the others first', async (stage) => {
    const [refusing, willing] = [await stage.broker(), await stage.broker()]
    refusing.script = refuseLogin
    const connector = stage.connector([memberOf(refusing), memberOf(willing)], { giveUpOnRefusal: true })
    await connector.connect()
  })

  fault('the login: a daemon keeps trying, until it is let in', async (stage) => {
    const broker = await stage.broker()
    broker.script = (frame, peer) => {
      if (broker.count.connections >= 4) broker.script = undefined
      if (broker.script) refuseLogin(frame, peer)
      else peer.obey(frame)
    }
    const connector = stage.connector(broker)
    await connector.connect()
    assert.equal(broker.count.connections, 4)
  })

  fault('a subscription and closes, as STOMP wants: onRefused tells, everything else is restored', async (stage) => {
    const broker = await stage.broker()
    broker.script = (frame, peer) => {
      if (frame.command !== 'SUBSCRIBE' || !headerOf(frame, 'destination')!.includes('puppet')) return peer.obey(frame)
      const receipt = headerOf(frame, 'receipt')!
      peer.send('ERROR', ['message', 'not allowed', 'receipt-id', receipt])
      peer.socket.end()
    }
    const connector = stage.connector(broker)
    const got = new Deliveries()
    const refused = new Promise((resolve) => {
      connector.onRefused = (source, error) => resolve([source, error.code])
    })
    connector.subscribe(other, got.take)
    connector.subscribe(target, got.take)
    await connector.connect()
    assert.deepEqual(await refused, [other, 'TRANSPORT_REFUSED'])
    await connector.publish(target, text('x'), ttl)
    await got.reach(1)
    const asked = broker.frames.filter((f) => f.command === 'SUBSCRIBE').map((f) => headerOf(f, 'destination'))
    assert.equal(asked.filter((d) => d!.includes('puppet')).length, 1, 'the refused one is not asked for at once again')
  })

  fault(
    'a message and closes: that publish rejects, the others are confirmed on the next connection',
    async (stage) => {
      const broker = await stage.broker()
      broker.script = (frame, peer) => {
        if (Buffer.from(frame.body).toString() !== 'bad') return peer.obey(frame)
        peer.send('ERROR', ['message', 'not allowed', 'receipt-id', headerOf(frame, 'receipt')!])
        peer.socket.end()
      }
      const connector = stage.connector(broker)
      await connector.connect()
      const results = await Promise.allSettled(
        ['good 1', 'bad', 'good 2'].map((body) => connector.publish(target, text(body), ttl)),
      )
      assert.deepEqual(
        results.map((r) => r.status),
        ['fulfilled', 'rejected', 'fulfilled'],
      )
      assert.ok(isTroupeError((results[1] as PromiseRejectedResult).reason, 'TRANSPORT_REFUSED'))
    },
  )

  fault('without saying what: the culprit is found by sending one by one', async (stage) => {
    const broker = await stage.broker()
    broker.script = (frame, peer) => {
      if (Buffer.from(frame.body).toString() !== 'bad') return peer.obey(frame)
      peer.send('ERROR', ['message', 'something is wrong'])
      peer.socket.end()
    }
    const connector = stage.connector(broker)
    await connector.connect()
    const bodies = ['good 1', 'good 2', 'bad', 'good 3']
    const results = await Promise.allSettled(bodies.map((body) => connector.publish(target, text(body), ttl)))
    assert.deepEqual(
      results.map((r) => r.status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    )
    assert.equal(broker.count.connections, 3, 'one break to notice, one to find, then a good connection')
  })
})

describe('createStompConnector: TLS [B-020]', () => {
  let authority: TestAuthority
  let stranger: TestAuthority
  let good: TestCertificate
  before(async () => {
    authority = await createTestAuthority('authority')
    stranger = await createTestAuthority('stranger')
    good = await authority.issue(['localhost', '127.0.0.1'])
  })
  const secure = (broker: ScriptedBroker, tls: TlsSettings, host = '127.0.0.1') => [memberOf(broker, { host, tls })]

  fault(
    'a trusted certificate that names the host: by name, by address, and again by a resumed session',
    async (stage) => {
      const broker = await stage.broker({ tls: good })
      for (const host of ['127.0.0.1', 'localhost']) {
        const connector = stage.connector(secure(broker, { ca: [stranger.ca, authority.ca] }, host))
        await connector.connect()
        await connector.publish(target, text('x'), ttl)
        broker.cut()
        await connector.publish(target, text('y'), ttl)
        await connector.disconnect()
      }
      assert.deepEqual(broker.count, { connections: 4, resumed: 2 })
    },
  )

  const distrusted = (name: string, why: RegExp, certificate: () => Promise<TestCertificate>, ca: () => string) =>
    fault(`${name}: TRANSPORT_CERTIFICATE, and no password is sent`, async (stage) => {
      const broker = await stage.broker({ tls: await certificate() })
      const connector = stage.connector(secure(broker, { ca: [ca()] }), { giveUpOnRefusal: true })
      await assert.rejects(connector.connect(), (error) => {
        assert.ok(isTroupeError(error, 'TRANSPORT_CERTIFICATE'), String(error))
        assert.match(error.message, why)
        return true
      })
      assert.deepEqual(broker.frames, [])
    })
  const elsewhere = () => authority.issue(['elsewhere.example.com'])
  const mine = () => authority.ca
  distrusted('a certificate for another host', /must name the host/, elsewhere, mine)
  distrusted(
    'a certificate of an unknown authority',
    /signed by a CA/,
    async () => good,
    () => stranger.ca,
  )
  distrusted('an expired certificate', /renew it/, () => authority.issue(['127.0.0.1'], true), mine)

  fault('verify none connects to anybody, and warns at each connection', async (stage) => {
    const broker = await stage.broker({ tls: await stranger.issue(['elsewhere.example.com']) })
    const warnings = (): number => said.filter((line) => line.startsWith('warn connecting to')).length
    const before = warnings()
    const connector = stage.connector(secure(broker, { verify: 'none' }))
    await connector.connect()
    broker.cut()
    await connector.publish(target, text('x'), ttl)
    assert.equal(warnings() - before, 2)
    assert.match(said.find((line) => line.startsWith('warn connecting to'))!, /can read and change/)
  })

  fault('a client certificate is offered, and its lack is told', async (stage) => {
    const tls = { ...good, ca: authority.ca, requestCert: true, rejectUnauthorized: true }
    const broker = await stage.broker({ tls })
    const own = await authority.issue(['node1.example.com'])
    await stage.connector(secure(broker, { ca: [authority.ca], ...own })).connect()
    const without = stage.connector(secure(broker, { ca: [authority.ca] }), { attemptsMax: 1 })
    await assert.rejects(without.connect(), (error) => {
      assert.ok(isTroupeError(error))
      assert.match(error.message, /client certificate|closed the connection|ECONNRESET|EPIPE/)
      return true
    })
  })

  fault('a plain port is told from a broken one', async (stage) => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.resume()
      socket.write('ERROR\nmessage:what is this\n\n\0')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const connector = stage.connector([memberOf({ port }, { tls: { ca: [authority.ca] } })], { attemptsMax: 1 })
    await assert.rejects(connector.connect(), /seems to speak plain STOMP/)
    await new Promise((resolve) => server.close(resolve))
  })

  fault('TLS 1.1 is not spoken', async (stage) => {
    const ciphers = 'DEFAULT:@SECLEVEL=0'
    const tls = { ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers } as const
    const broker = await stage.broker({ tls })
    const connector = stage.connector(secure(broker, { ca: [authority.ca], ciphers }), { attemptsMax: 1 })
    await assert.rejects(connector.connect(), /cannot negotiate TLS/)
  })

  fault('settings that are no PEM: connect rejects with TRANSPORT_TLS', async (stage) => {
    const broker = await stage.broker()
    const connector = stage.connector(secure(broker, { cert: 'nonsense', key: 'nonsense' }))
    await assert.rejects(connector.connect(), withCode('TRANSPORT_TLS'))
  })

  fault('disconnect during a handshake that never ends leaves nothing behind', async (stage) => {
    const server = createServer((socket) => socket.on('error', () => {}))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const accepted = new Promise((resolve) => server.once('connection', resolve))
    const { port } = server.address() as AddressInfo
    const connector = stage.connector([memberOf({ port }, { tls: { ca: [authority.ca] } })])
    const connecting = connector.connect()
    await accepted
    await Promise.all([connector.disconnect(), assert.rejects(connecting, withCode('TRANSPORT_CLOSED'))])
    await new Promise((resolve) => server.close(resolve))
  })
})

describe('createStompConnector: frugality', () => {
  fault('a command costs one round trip after the login: SUBSCRIBE and SEND leave together', async (stage) => {
    const broker = await stage.broker()
    const connector = stage.connector(broker)
    const got = new Deliveries()
    const connected = connector.connect()
    connector.subscribe(target, got.take)
    const confirmed = connector.publish(target, text('x'), ttl)
    await Promise.all([connected, confirmed])
    const [peer] = broker.peers
    assert.equal(peer!.chunks, 2, 'CONNECT, then all the rest in one piece')
  })

  fault('a process that has disconnected ends by itself', async (stage) => {
    const broker = await stage.broker()
    const script = `
      import { createStompConnector } from '#transport/stomp/stomp-connector.ts'
      const pool = [{ host: '127.0.0.1', port: ${broker.port} }]
      const connector = createStompConnector({ pool, identity: 'a', pid: 1 })
      await connector.connect()
      connector.subscribe({ kind: 'directed', collective: 'c', identity: 'a' }, () => {})
      await connector.publish({ kind: 'directed', collective: 'c', identity: 'b' }, Buffer.from('x'), { ttlMs: 60000 })
      await connector.disconnect()
      console.log(process.getActiveResourcesInfo().filter((name) => /Timeout|TCP|TLS/.test(name)).length)
    `
    const args = ['--input-type=module-typescript', '-e', script]
    const cwd = new URL('../..', import.meta.url).pathname
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, timeout: 20_000 })
    assert.equal(stdout, '0\n')
  })

  after(() => {
    assert.ok(said.length > 20)
    assert.deepEqual(
      said.filter((line) => line.includes(PASSWORD)),
      [],
    )
  })
})
