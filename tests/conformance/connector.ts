// The rules every connector keeps, one test each. An implementation that cannot keep one declares it with the reason; all
// others must pass. Names are unique per test, so that a broker that keeps queues does not mix them. [wire 1]

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import type { Connector, ConnectorStatus, Source } from '#transport/connector.ts'
import { Deliveries, until } from './deliveries.ts'

export interface ConnectorHarness {
  /** A new connector, not yet connected. */
  connector(identity: string): Connector
  /** Breaks every connection and lets none be made until `restore`. */
  interrupt(): void
  restore(): void
  stop(): Promise<void>
}

/** Rules a broker may be unable to keep. */
export type OptionalRule = 'directed messages wait'

export interface ConnectorSuite {
  readonly start: () => Promise<ConnectorHarness>
  /** Rule -> why it cannot be kept. */
  readonly deviations?: Partial<Record<OptionalRule, string>>
}

const COLLECTIVE = 'mcollective'
const ttl = { ttlMs: 30_000 }
const bytesOf = (text: string): Uint8Array => Buffer.from(text)
let names = 0
const unique = (what: string): string => `${what}${process.pid}-${++names}`
const broadcast = (agent: string, collective = COLLECTIVE): Source => ({ kind: 'broadcast', collective, agent })
const directed = (identity: string, collective = COLLECTIVE): Source => ({ kind: 'directed', collective, identity })

/** Declares the suite for one implementation. */
export function connectorConformance(name: string, suite: ConnectorSuite): void {
  describe(`Connector: ${name}`, () => {
    let harness: ConnectorHarness
    before(async () => {
      harness = await suite.start()
    })
    after(() => harness?.stop())

    const rule = (title: string, body: (open: Open) => Promise<void>, optional?: OptionalRule): void => {
      const reason = optional && suite.deviations?.[optional]
      test(`${name}: ${title}`, {
        timeout: 60_000,
        skip: reason ? `declared deviation: ${reason}` : false,
      }, async () => {
        const opened: Connector[] = []
        const open: Open = async (identity = unique('node'), connected = true) => {
          const connector = harness.connector(identity)
          opened.push(connector)
          if (connected) await connector.connect()
          return { connector, identity }
        }
        try {
          await body(open)
        } finally {
          harness.restore()
          await Promise.all(opened.map((connector) => connector.disconnect()))
        }
      })
    }
    declareAddressing(rule)
    declareContent(rule)
    declareLife(rule, () => harness)
  })
}

type Open = (identity?: string, connected?: boolean) => Promise<{ connector: Connector; identity: string }>
type Rule = (title: string, body: (open: Open) => Promise<void>, optional?: OptionalRule) => void

/** Subscribes and waits until it has taken effect: subscribing comes before later publishing on a connection. */
async function listen(connector: Connector, ...sources: Source[]): Promise<Deliveries> {
  const deliveries = new Deliveries()
  for (const source of sources) connector.subscribe(source, deliveries.take)
  await connector.publish(broadcast(unique('nobody')), bytesOf('sync'), ttl)
  return deliveries
}

function declareAddressing(rule: Rule): void {
  rule('a broadcast reaches every subscriber of its collective and agent, once [wire 1.2]', async (open) => {
    const agent = unique('agent')
    const nodes = await Promise.all([open(), open(), open()])
    const got = await Promise.all(nodes.map(({ connector }) => listen(connector, broadcast(agent))))
    const { connector: client } = await open()
    await client.publish(broadcast(agent), bytesOf('one'), ttl)
    await client.publish(broadcast(agent), bytesOf('two'), ttl)
    await Promise.all(got.map((d) => d.reachText('two')))
    for (const d of got) assert.deepEqual(d.texts, ['one', 'two'])
  })

  rule('a broadcast reaches no other agent and no other collective [wire 1.1]', async (open) => {
    const [agent, other] = [unique('agent'), unique('agent')]
    const { connector: node } = await open()
    const right = await listen(node, broadcast(agent))
    const wrong = await listen(node, broadcast(other), broadcast(agent, 'eu_collective'))
    const { connector: client } = await open()
    await client.publish(broadcast(agent), bytesOf('one'), ttl)
    await client.publish(broadcast(other), bytesOf('marker'), ttl)
    await client.publish(broadcast(agent, 'eu_collective'), bytesOf('eu'), ttl)
    await wrong.reach(2)
    await right.reach(1)
    assert.deepEqual(right.texts, ['one'])
    assert.deepEqual(wrong.texts.sort(), ['eu', 'marker'])
  })

  rule('a directed message reaches the node it names and no other [wire 1.2]', async (open) => {
    const [a, b] = await Promise.all([open(), open()])
    const gotA = await listen(a.connector, directed(a.identity))
    const gotB = await listen(b.connector, directed(b.identity))
    const { connector: client } = await open()
    await client.publish(directed(a.identity), bytesOf('for a'), ttl)
    await client.publish(directed(b.identity), bytesOf('for b'), ttl)
    await Promise.all([gotA.reach(1), gotB.reach(1)])
    assert.deepEqual([gotA.texts, gotB.texts], [['for a'], ['for b']])
  })

  rule(
    'a directed message for a node that is away waits for it [wire 2.6]',
    async (open) => {
      const identity = unique('node')
      const { connector: client } = await open()
      await client.publish(directed(identity), bytesOf('later'), ttl)
      const { connector: node } = await open(identity)
      const got = await listen(node, directed(identity))
      await got.reach(1)
      assert.deepEqual(got.texts, ['later'])
    },
    'directed messages wait',
  )

  rule('a reply goes to the address of the request, and to nobody else [wire 1.2] [wire 1.3]', async (open) => {
    const agent = unique('agent')
    const node = await open()
    const requests = await listen(node.connector, broadcast(agent))
    const clients = await Promise.all([open(unique('client')), open(unique('client'))])
    const replies = clients.map(() => new Deliveries())
    for (const [i, { connector }] of clients.entries()) {
      const address = connector.replyAddress(COLLECTIVE)
      connector.subscribe({ kind: 'reply', address }, replies[i]!.take)
      await connector.publish(broadcast(agent), bytesOf(address), { ...ttl, replyTo: address })
      await requests.reach(i + 1)
      const { bytes, replyTo } = requests.list[i]!
      const to = replyTo ?? Buffer.from(bytes).toString()
      await node.connector.publish({ kind: 'reply', address: to }, bytesOf(`for ${i}`), ttl)
    }
    await Promise.all(replies.map((r) => r.reach(1)))
    assert.deepEqual(
      replies.map((r) => r.texts),
      [['for 0'], ['for 1']],
    )
  })

  rule('replyAddress: each is another, and two processes never share one [wire 1.2]', async (open) => {
    const a = await open(unique('client'), false)
    const b = await open(unique('client'), false)
    const own = [a.connector.replyAddress(COLLECTIVE), a.connector.replyAddress(COLLECTIVE)]
    assert.notEqual(own[0], own[1])
    assert.ok(!own.includes(b.connector.replyAddress(COLLECTIVE)) || own[0]!.startsWith('/temp-queue/'))
  })

  rule('a name that cannot be part of an address is refused with TRANSPORT_BAD_ADDRESS', async (open) => {
    const { connector } = await open(undefined, false)
    const refused = (error: unknown): boolean => isTroupeError(error, 'TRANSPORT_BAD_ADDRESS')
    assert.throws(() => connector.subscribe(directed("x' OR 'a'='a"), () => {}), refused)
    await assert.rejects(connector.publish(broadcast('a/b'), bytesOf('x'), ttl), refused)
    await assert.rejects(connector.publish(broadcast('a'), bytesOf('x'), { ...ttl, replyTo: '/q\nx:y' }), refused)
  })
}

function declareContent(rule: Rule): void {
  rule('bytes arrive as they were sent: every value, none at all, half a megabyte [wire 1.4]', async (open) => {
    const agent = unique('agent')
    const { connector: node } = await open()
    const got = await listen(node, broadcast(agent))
    const all = Uint8Array.from({ length: 512 }, (_, i) => i % 256)
    const large = Buffer.alloc(512 * 1024, 'troupe\0\n')
    const { connector: client } = await open()
    for (const bytes of [all, new Uint8Array(0), large]) await client.publish(broadcast(agent), bytes, ttl)
    await got.reach(3)
    assert.deepEqual(
      got.list.map((d) => Buffer.compare(d.bytes, Buffer.alloc(0)) && d.bytes.length),
      [512, 0, 512 * 1024],
    )
    assert.equal(Buffer.compare(got.list[0]!.bytes, all), 0)
    assert.equal(Buffer.compare(got.list[2]!.bytes, large), 0)
  })

  rule('messages of one sender to one receiver keep their order', async (open) => {
    const agent = unique('agent')
    const { connector: node } = await open()
    const got = await listen(node, broadcast(agent))
    const { connector: client } = await open()
    const sent = Array.from({ length: 500 }, (_, i) => String(i))
    await Promise.all(sent.map((text) => client.publish(broadcast(agent), bytesOf(text), ttl)))
    await got.reach(500)
    assert.deepEqual(got.texts, sent)
  })

  rule('subscribe takes effect before a later publish on the same connection', async (open) => {
    const { connector } = await open()
    const got = new Deliveries()
    const agent = unique('agent')
    connector.subscribe(broadcast(agent), got.take)
    await connector.publish(broadcast(agent), bytesOf('own'), ttl)
    await got.reach(1)
  })

  rule('the same bytes to many nodes: each gets its own, all are confirmed [wire 2.6]', async (open) => {
    const { connector: node } = await open()
    const identities = Array.from({ length: 200 }, () => unique('node'))
    const got = await listen(node, ...identities.map((identity) => directed(identity)))
    const { connector: client } = await open()
    const bytes = bytesOf('do it')
    await Promise.all(identities.map((identity) => client.publish(directed(identity), bytes, ttl)))
    await got.reach(200)
    assert.ok(got.texts.every((text) => text === 'do it'))
  })

  rule('a delivery never comes while subscribe or publish is being called', async (open) => {
    const { connector } = await open()
    const agent = unique('agent')
    let calling = true
    const seen: boolean[] = []
    const got = new Deliveries()
    connector.subscribe(broadcast(agent), (delivery) => {
      seen.push(calling)
      got.take(delivery)
    })
    const confirmed = connector.publish(broadcast(agent), bytesOf('x'), ttl)
    calling = false
    await confirmed
    await got.reach(1)
    assert.deepEqual(seen, [false])
  })

  rule('a receiver that throws harms no later delivery and no other receiver', async (open) => {
    const { connector } = await open()
    const [bad, good] = [unique('agent'), unique('agent')]
    const got = new Deliveries()
    connector.subscribe(broadcast(bad), (delivery) => {
      got.take(delivery)
      throw new Error('a receiver of a test fails on purpose')
    })
    connector.subscribe(broadcast(good), got.take)
    for (const agent of [bad, good, bad]) await connector.publish(broadcast(agent), bytesOf(agent), ttl)
    await got.reach(3)
  })

  rule('the same source twice: one delivery, to the oldest receiver that is left', async (open) => {
    const { connector } = await open()
    const source = broadcast(unique('agent'))
    const [first, second] = [new Deliveries(), new Deliveries()]
    const subscription = connector.subscribe(source, first.take)
    connector.subscribe(source, second.take)
    await connector.publish(source, bytesOf('1'), ttl)
    await first.reach(1)
    subscription.unsubscribe()
    await connector.publish(source, bytesOf('2'), ttl)
    await second.reach(1)
    assert.deepEqual([first.texts, second.texts], [['1'], ['2']])
  })

  rule('after unsubscribe nothing more arrives; doing it twice is harmless [wire 1.5]', async (open) => {
    const { connector } = await open()
    const [one, two] = [broadcast(unique('agent')), broadcast(unique('agent'))]
    const [gone, there] = [new Deliveries(), new Deliveries()]
    const subscription = connector.subscribe(one, gone.take)
    connector.subscribe(two, there.take)
    subscription.unsubscribe()
    subscription.unsubscribe()
    await connector.publish(one, bytesOf('gone'), ttl)
    await connector.publish(two, bytesOf('there'), ttl)
    await there.reach(1)
    assert.deepEqual(gone.texts, [])
  })
}

function declareLife(rule: Rule, harness: () => ConnectorHarness): void {
  rule('what is subscribed and published before connect happens at the connection', async (open) => {
    const { connector } = await open(undefined, false)
    const agent = unique('agent')
    const got = new Deliveries()
    connector.subscribe(broadcast(agent), got.take)
    const confirmed = connector.publish(broadcast(agent), bytesOf('early'), ttl)
    await connector.connect()
    await confirmed
    await got.reach(1)
  })

  rule('publish waits through an interruption, and subscriptions outlive it [wire 1.5]', async (open) => {
    const agent = unique('agent')
    const { connector } = await open()
    const got = await listen(connector, broadcast(agent))
    const gone = statusOf(connector, 'disconnected')
    harness().interrupt()
    await gone
    let confirmed = false
    const waiting = connector.publish(broadcast(agent), bytesOf('through'), ttl).then(() => {
      confirmed = true
    })
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal(confirmed, false)
    harness().restore()
    await waiting
    await got.reach(1)
    assert.deepEqual(got.texts, ['through'])
  })

  rule('publish rejects with TRANSPORT_EXPIRED when the ttl passes without a connection', async (open) => {
    const { connector } = await open()
    const gone = statusOf(connector, 'disconnected')
    harness().interrupt()
    await gone
    const early = connector.publish(broadcast('nobody'), bytesOf('x'), { ttlMs: 60 })
    await assert.rejects(early, (error) => isTroupeError(error, 'TRANSPORT_EXPIRED'))
  })

  rule('connect rejects with TRANSPORT_UNREACHABLE when its signal aborts', async (open) => {
    const { connector } = await open(undefined, false)
    harness().interrupt()
    const stop = new AbortController()
    const connecting = connector.connect(stop.signal)
    setImmediate(() => stop.abort())
    await assert.rejects(connecting, (error) => isTroupeError(error, 'TRANSPORT_UNREACHABLE'))
    const publishing = connector.publish(broadcast('nobody'), bytesOf('x'), ttl)
    await assert.rejects(publishing, (error) => isTroupeError(error, 'TRANSPORT_UNREACHABLE', 'TRANSPORT_CLOSED'))
  })

  rule('connect rejects when its signal has aborted before', async (open) => {
    const { connector } = await open(undefined, false)
    const connecting = connector.connect(AbortSignal.abort())
    await assert.rejects(connecting, (error) => isTroupeError(error, 'TRANSPORT_UNREACHABLE'))
  })

  rule('disconnect sends what is pending, and may be called again [wire 1.5]', async (open) => {
    const agent = unique('agent')
    const { connector: node } = await open()
    const got = await listen(node, broadcast(agent))
    const { connector: client } = await open()
    const last = client.publish(broadcast(agent), bytesOf('last words'), ttl)
    await Promise.all([client.disconnect(), client.disconnect(), last])
    await client.disconnect()
    await got.reach(1)
    const late = client.publish(broadcast(agent), bytesOf('late'), ttl)
    await assert.rejects(late, (error) => isTroupeError(error, 'TRANSPORT_CLOSED'))
    await assert.rejects(client.connect(), (error) => isTroupeError(error, 'TRANSPORT_CLOSED'))
  })

  rule('disconnect without or during connect leaves nothing behind', async (open) => {
    const { connector: fresh } = await open(undefined, false)
    await fresh.disconnect()
    const { connector: busy } = await open(undefined, false)
    harness().interrupt()
    const connecting = busy.connect()
    const waiting = busy.publish(broadcast('nobody'), bytesOf('x'), ttl)
    const closed = (error: unknown): boolean => isTroupeError(error, 'TRANSPORT_CLOSED')
    await Promise.all([assert.rejects(connecting, closed), assert.rejects(waiting, closed), busy.disconnect()])
  })

  rule('onStatus tells connecting, connected, disconnected and connected again', async (open) => {
    const { connector } = await open(undefined, false)
    const states: string[] = []
    let wake = (): void => {}
    connector.onStatus = ({ state }) => {
      if (states.at(-1) !== state) states.push(state)
      wake()
    }
    await connector.connect()
    harness().interrupt()
    harness().restore()
    const back = (): boolean => states.includes('disconnected') && states.at(-1) === 'connected'
    await until(
      back,
      (check) => {
        wake = check
      },
      () => `states were ${states.join(' ')}`,
    )
    assert.deepEqual(
      states.filter((state) => state !== 'connecting'),
      ['connected', 'disconnected', 'connected'],
    )
  })
}

/** Resolves at the next status of this kind. */
function statusOf(connector: Connector, state: ConnectorStatus['state']): Promise<void> {
  let seen = false
  let wake = (): void => {}
  connector.onStatus = (status) => {
    seen ||= status.state === state
    wake()
  }
  return until(
    () => seen,
    (check) => {
      wake = check
    },
    () => `no status ${state}`,
  )
}
