import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RpcReplyBody } from '#message/reply.ts'
import type { Values } from '#message/request.ts'
import { ActionFailed, type ActionHandler, type Agent } from '#rpc/agent.ts'
import type { ActionDdl } from '#rpc/ddl/ddl.ts'
import type { AuditEntry } from './audit.ts'
import { createReplayGuard } from './replay-guard.ts'
import { agentDdl, NODE, startTestNode, type TestNodeOptions } from './test-node.ts'

/** An agent `echo` with these actions and an agent `discovery`. */
function agents(actions: Record<string, ActionHandler>, more: Partial<Agent> = {}): Record<string, Agent> {
  return {
    echo: { ddl: agentDdl('echo', Object.keys(actions)), actions, ...more },
    discovery: { ddl: agentDdl('discovery', [], 5), actions: {}, text: (text) => (text === 'ping' ? 'pong' : null) },
  }
}

async function withNode(
  options: TestNodeOptions,
  run: (node: Awaited<ReturnType<typeof startTestNode>>) => Promise<void>,
) {
  const node = await startTestNode(options)
  try {
    await run(node)
  } finally {
    await node.stop()
  }
}

const say = { say: ({ data }: { data: Values }) => ({ said: data.msg ?? null }) }
const ok = (data: Values): RpcReplyBody => ({ kind: 'rpc', statusCode: 0, statusMessage: 'OK', data })

/** Keeps what was audited as `outcome action`. */
function keepingAudit() {
  const entries: AuditEntry[] = []
  return {
    entries,
    outcomes: () => entries.map((entry) => `${entry.outcome} ${entry.action}`),
    audit: { record: (entry: AuditEntry) => void entries.push(entry), reopen: () => {}, close: () => {} },
  }
}

describe('createDispatch: who is answered', () => {
  test('answers a call with the outputs of its action', () =>
    withNode({ agents: agents(say) }, async ({ call, daemon }) => {
      const { answers } = await call('say', { msg: 'hi' })
      assert.deepEqual(answers(), [ok({ said: 'hi' })])
      const { total, validated, passed, replies, filtered } = daemon.stats()
      assert.deepEqual(
        { total, validated, passed, replies, filtered },
        { total: 1, validated: 1, passed: 1, replies: 1, filtered: 0 },
      )
    }))

  test('answers ping with pong', () =>
    withNode({ agents: agents(say) }, async ({ text }) => {
      assert.deepEqual((await text('ping')).answers(), [{ kind: 'text', text: 'pong' }])
    }))

  test('is silent when the filter does not fit, and counts it', () =>
    withNode({ agents: agents(say) }, async ({ call, daemon }) => {
      const { answers } = await call(
        'say',
        {},
        { filter: { facts: [], classes: ['absent'], agents: [], identities: [], compounds: [] } },
      )
      assert.deepEqual(answers(), [])
      assert.equal(daemon.stats().filtered, 1)
      assert.equal(daemon.stats().passed, 0)
    }))

  test('counts a filter that cannot be evaluated neither way', () =>
    withNode({ agents: agents(say) }, async ({ call, daemon, log }) => {
      const filter = { facts: [], classes: ['/(/'], agents: [], identities: [], compounds: [] }
      assert.deepEqual((await call('say', {}, { filter })).answers(), [])
      assert.deepEqual([daemon.stats().passed, daemon.stats().filtered], [0, 0])
      assert.ok(log.lines.some(({ message }) => message.includes('cannot evaluate the filter')))
    }))

  test('a named node says whether the filter of a `match` fits it now', () =>
    withNode({ agents: agents(say) }, async ({ text, toNode, daemon }) => {
      const withClass = (name: string) => ({ facts: [], classes: [name], agents: [], identities: [], compounds: [] })
      assert.deepEqual((await text('match', { to: toNode, filter: withClass('ntp') })).answers(), [
        { kind: 'text', text: 'match' },
      ])
      assert.deepEqual((await text('match', { to: toNode, filter: withClass('x') })).answers(), [
        { kind: 'text', text: 'nomatch' },
      ])
      assert.deepEqual(
        (await text('match', { filter: withClass('x') })).answers(),
        [],
        'a broadcast is dropped as ever',
      )
      assert.deepEqual([daemon.stats().passed, daemon.stats().filtered], [1, 2])
    }))

  test('an unknown agent is named to who addressed this node, and silence otherwise', () =>
    withNode({ agents: agents(say) }, async ({ call, toNode }) => {
      const [answer] = (await call('x', {}, { agent: 'absent', to: toNode })).answers()
      assert.deepEqual(answer, { kind: 'rpc', statusCode: 1, statusMessage: "Unknown agent 'absent'", data: {} })
      assert.deepEqual((await call('x', {}, { agent: 'absent' })).answers(), [])
    }))

  test('runs without answering when no results are wanted', async () => {
    let ran = 0
    await withNode({ agents: agents({ count: () => ({ n: ++ran }) }) }, async ({ call, daemon }) => {
      assert.deepEqual((await call('count', {}, { processResults: false })).answers(), [])
      assert.deepEqual((await call('count', {}, { replyTo: null })).answers(), [])
      assert.equal(ran, 2)
      assert.equal(daemon.stats().replies, 0)
    })
  })
})

describe('createDispatch: what cannot be trusted', () => {
  test('drops garbage and messages of another key without an answer, counts and logs them, up to a rate', () =>
    withNode({ agents: agents(say) }, async ({ post, call, daemon, log, toNode }) => {
      const { bytes } = await call('say')
      const forged = Buffer.from(bytes)
      forged[40] = (forged[40] ?? 0) ^ 1
      await post(toNode, forged)
      for (let n = 0; n < 30; n++) await post(toNode, Buffer.from(`garbage ${n}`))
      assert.equal(daemon.stats().unvalidated, 31)
      assert.equal(daemon.stats().replies, 1)
      assert.equal(log.lines.filter(({ message }) => message.includes('cannot be trusted')).length, 10)
    }))

  test('runs a request once: a second delivery is dropped, counted, logged and audited', async () => {
    let ran = 0
    const { audit, outcomes } = keepingAudit()
    await withNode(
      { agents: agents({ count: () => ({ n: ++ran }) }), daemon: { audit } },
      async ({ call, post, toNode, daemon, log }) => {
        const first = await call('count')
        await post(first.target, first.bytes)
        await post(toNode, first.bytes)
        assert.equal(ran, 1)
        assert.equal(first.answers().length, 1)
        assert.equal(daemon.stats().replayed, 2)
        assert.ok(log.lines.some(({ level, message }) => level === 'warn' && message.includes('second delivery')))
        assert.deepEqual(outcomes(), ['started count', 'ran count', 'replayed count', 'replayed count'])
      },
    )
  })

  test('does not act on what came the wrong way', async () => {
    let ran = 0
    await withNode({ agents: agents({ count: () => ({ n: ++ran }) }) }, async ({ call }) => {
      await call('count', {}, { to: { kind: 'broadcast', collective: 'dev', agent: 'echo' } })
      await call('count', {}, { to: { kind: 'broadcast', collective: 'mcollective', agent: 'discovery' } })
      assert.equal(ran, 0)
      await call('count', {}, { collective: 'dev' })
      assert.equal(ran, 1)
    })
  })

  test('refuses what has expired, naming both clocks', () =>
    withNode({ agents: agents(say) }, async ({ call, clock, daemon }) => {
      const sentAtMs = clock.now() - 125_000
      const [answer] = (await call('say', {}, { sentAtMs, ttlSeconds: 60 })).answers() as RpcReplyBody[]
      assert.equal(answer?.refused, 'expired')
      assert.equal(answer?.statusCode, 1)
      assert.ok(answer?.statusMessage.includes(new Date(sentAtMs).toISOString()))
      assert.ok(answer?.statusMessage.includes(new Date(clock.now()).toISOString()))
      assert.ok(answer?.statusMessage.includes('125.0 s'))
      assert.equal(daemon.stats().ttlExpired, 1)
      const edge = await call('say', {}, { sentAtMs: clock.now() - 60_000, ttlSeconds: 60 })
      assert.equal(
        (edge.answers()[0] as RpcReplyBody).refused,
        'expired',
        'sent before this node began, so it may have run',
      )
    }))

  test('accepts an age of exactly the ttl', () =>
    withNode({ agents: agents(say) }, async ({ call, clock }) => {
      clock.advance(100_000)
      const { answers } = await call('say', { msg: 'x' }, { sentAtMs: clock.now() - 60_000, ttlSeconds: 60 })
      assert.deepEqual(answers(), [ok({ said: 'x' })])
    }))

  test('refuses what comes from the future', () =>
    withNode({ agents: agents(say) }, async ({ call, clock }) => {
      const [answer] = (await call('say', {}, { sentAtMs: clock.now() + 60_001 })).answers() as RpcReplyBody[]
      assert.equal(answer?.refused, 'skewed')
      const near = await call('say', { msg: 'x' }, { sentAtMs: clock.now() + 60_000 })
      assert.deepEqual(near.answers(), [ok({ said: 'x' })])
    }))

  test('is no amplifier: refuses an expired request at most ten times a second', () =>
    withNode({ agents: agents(say) }, async ({ call, clock, post, daemon }) => {
      const old = await call('say', {}, { sentAtMs: clock.now() - 125_000 })
      for (let n = 0; n < 50; n++) await post(old.target, old.bytes)
      assert.equal(daemon.stats().replies, 10)
      clock.advance(1000)
      await post(old.target, old.bytes)
      assert.equal(daemon.stats().replies, 11)
    }))

  test('refuses rather than forgets when it remembers as many requests as it can', () =>
    withNode({ agents: agents(say) }, async ({ stop, clock }) => {
      await stop()
      const guard = createReplayGuard({ clock, entriesMax: 1 })
      await withNode({ agents: agents(say), clock, daemon: { guard } }, async ({ call }) => {
        assert.deepEqual((await call('say', { msg: 1 })).answers(), [ok({ said: 1 })])
        const [answer] = (await call('say')).answers() as RpcReplyBody[]
        assert.equal(answer?.refused, 'overloaded')
      })
    }))
})

describe('createDispatch: judging a call', () => {
  const action: ActionDdl = { name: 'say', description: '', display: 'always', inputs: [], outputs: [], aggregates: [] }

  test('answers code 4 for an action that is not in the DDL and for inputs that do not fit, and audits both', async () => {
    const { audit, outcomes } = keepingAudit()
    const input = { name: 'msg', prompt: '', description: '', type: 'any', optional: false } as const
    const echo = { echo: { ddl: agentDdl('echo', [{ ...action, inputs: [input] }]), actions: say } }
    await withNode({ agents: echo, daemon: { audit } }, async ({ call }) => {
      const unknown = "Attempted to call action shout for echo but it's not declared in the DDL"
      assert.deepEqual((await call('shout')).answers(), [
        { kind: 'rpc', statusCode: 4, statusMessage: unknown, data: {} },
      ])
      const missing = 'Action say needs a msg argument'
      assert.deepEqual((await call('say')).answers(), [
        { kind: 'rpc', statusCode: 4, statusMessage: missing, data: {} },
      ])
      assert.deepEqual(outcomes(), ['invalid shout', 'invalid say'])
    })
  })

  test('answers code 2 for an action without implementation, outputs pre-filled', () =>
    withNode(
      {
        agents: {
          echo: {
            ddl: agentDdl('echo', [
              { ...action, outputs: [{ name: 'x', description: '', displayAs: 'X', default: 7 }] },
            ]),
            actions: {},
          },
        },
      },
      async ({ call }) => {
        const statusMessage = "Unknown action 'say' for agent 'echo'"
        assert.deepEqual((await call('say')).answers(), [{ kind: 'rpc', statusCode: 2, statusMessage, data: { x: 7 } }])
      },
    ))

  test('refuses what is not authorized with the fixed text, keeps the reason, runs nothing, audits it', async () => {
    let ran = 0
    const { audit, entries } = keepingAudit()
    const authorize = ({ caller }: { caller: string }) => ({
      allowed: caller === 'uid=0',
      reason: 'no rule for uid=500',
    })
    await withNode(
      { agents: agents({ count: () => ({ n: ++ran }) }), daemon: { audit, authorize } },
      async ({ call }) => {
        assert.deepEqual((await call('count')).answers(), [
          {
            kind: 'rpc',
            statusCode: 1,
            statusMessage: 'You are not authorized to call this agent or action.',
            data: {},
            refused: 'unauthorized',
          },
        ])
        assert.equal(ran, 0)
        assert.deepEqual(
          entries.map(({ outcome, reason }) => [outcome, reason]),
          [['unauthorized', 'no rule for uid=500']],
        )
      },
    )
  })

  test('denies when authorization itself fails', () =>
    withNode(
      { agents: agents(say), daemon: { authorize: () => Promise.reject(new Error('disk error')) } },
      async ({ call }) => {
        assert.equal(((await call('say')).answers()[0] as RpcReplyBody).refused, 'unauthorized')
      },
    ))

  test('bare text whose first word is an action is authorized and audited as that action; ping is not', async () => {
    const { audit, outcomes } = keepingAudit()
    const text = (message: string) => `did ${message}`
    const authorize = ({ action }: { action: string }) => ({ allowed: action !== 'exit', reason: 'policy' })
    const control = { controller: { ddl: agentDdl('controller', ['stats', 'exit']), actions: {}, text } }
    await withNode({ agents: { ...agents(say), ...control }, daemon: { audit, authorize } }, async ({ text: ask }) => {
      assert.deepEqual((await ask('stats', { agent: 'mcollective' })).answers(), [{ kind: 'text', text: 'did stats' }])
      assert.equal(
        ((await ask('exit now', { agent: 'mcollective' })).answers()[0] as RpcReplyBody).refused,
        'unauthorized',
      )
      await ask('ping')
      assert.deepEqual(outcomes(), ['started stats', 'ran stats', 'unauthorized exit'])
    })
  })
})

describe('createDispatch: running', () => {
  test('an exception answers with code 5, ActionFailed with its own, and outputs set so far are kept', () =>
    withNode(
      {
        agents: agents({
          burst: () => {
            throw new Error('it burst')
          },
          refuse: (call) => {
            call.reply.seen = true
            throw new ActionFailed(1, 'Already disabled', { since: 'noon' })
          },
          foreign: () => Promise.reject(Object.assign(new Error('no such thing'), { statusCode: 3 })),
        }),
      },
      async ({ call }) => {
        const reply = (statusCode: number, statusMessage: string, data: Values): RpcReplyBody => ({
          kind: 'rpc',
          statusCode,
          statusMessage,
          data,
        })
        assert.deepEqual((await call('burst')).answers(), [reply(5, 'it burst', {})])
        assert.deepEqual((await call('refuse')).answers(), [
          reply(1, 'Already disabled', { seen: true, since: 'noon' }),
        ])
        assert.deepEqual((await call('foreign')).answers(), [reply(3, 'no such thing', {})])
      },
    ))

  test('a time-out answers at once, aborts the action, and drops and logs what comes later', async () => {
    const { promise, resolve } = Promise.withResolvers<Values>()
    let aborted = false
    const hang: ActionHandler = (call) => {
      call.signal.addEventListener('abort', () => {
        aborted = true
      })
      return promise
    }
    await withNode({ agents: agents({ hang }) }, async ({ call, clock, settle, log }) => {
      const { answers } = await call('hang')
      clock.advance(9_999)
      await settle()
      assert.deepEqual(answers(), [])
      clock.advance(1)
      await settle()
      assert.deepEqual(answers(), [{ kind: 'rpc', statusCode: 5, statusMessage: 'timed out after 10 s', data: {} }])
      assert.equal(aborted, true)
      resolve({ late: true })
      await settle()
      assert.equal(answers().length, 1)
      assert.ok(log.lines.some(({ message }) => message.includes('ended after its answer was due')))
    })
  })

  test('runs so many at once, lets others wait, and refuses beyond that', async () => {
    const open: (() => void)[] = []
    let running = 0
    let most = 0
    const slow: ActionHandler = async () => {
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => open.push(resolve))
      running--
      return {}
    }
    await withNode({ agents: agents({ slow }) }, async ({ call, settle, daemon }) => {
      const asked = []
      for (let n = 0; n < 503; n++) asked.push(await call('slow'))
      const refused = asked.flatMap(({ answers }) => answers()) as RpcReplyBody[]
      assert.deepEqual(
        refused.map((body) => body.refused),
        ['overloaded'],
      )
      assert.equal(daemon.stats().threads.length, 2)
      assert.match(daemon.stats().threads[0] ?? '', /^echo\.slow of request [0-9a-f]{32} for 0 s$/)
      while (open.length > 0) {
        open.shift()?.()
        await settle()
      }
      assert.equal(most, 2)
      assert.equal(asked.filter(({ answers }) => (answers()[0] as RpcReplyBody).statusCode === 0).length, 502)
    })
  })

  test('what an action gives that cannot be sent becomes an error', () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    let deep: Record<string, unknown> = {}
    for (let i = 0; i < 70; i++) deep = { deep }
    return withNode(
      {
        agents: agents({
          bad: () => 'text' as never,
          circle: () => circle as never,
          big: () => ({ n: 1n }) as never,
          deep: () => deep as never,
        }),
      },
      async ({ call }) => {
        for (const action of ['bad', 'circle', 'big', 'deep']) {
          const [answer] = (await call(action)).answers() as RpcReplyBody[]
          assert.equal(answer?.statusCode, 5, action)
        }
      },
    )
  })

  test('hands the action its call: caller, sender, inputs, outputs pre-filled', async () => {
    let seen: Values = {}
    const look: ActionHandler = ({ action, data, caller, sender, requestId, collective, reply }, node) => {
      seen = { action, data, caller, sender, requestId, collective, reply: { ...reply }, identity: node.identity }
      return undefined
    }
    await withNode({ agents: agents({ look }) }, async ({ call }) => {
      const { request } = await call('look', { a: 1 })
      const { sender, id: requestId, collective, caller } = request
      assert.deepEqual(seen, {
        action: 'look',
        data: { a: 1 },
        caller,
        sender,
        requestId,
        collective,
        reply: {},
        identity: NODE,
      })
    })
  })
})

describe('createDispatch: stopping', () => {
  test('refuses new calls, lets running ones end in their grace, cancels the rest', async () => {
    const quick = Promise.withResolvers<Values>()
    const actions: Record<string, ActionHandler> = {
      quick: () => quick.promise,
      hang: () => new Promise(() => {}),
      say: () => ({}),
    }
    const { call, clock, daemon, settle, stop } = await startTestNode({
      agents: agents(actions),
      settings: { graceSeconds: 5 },
    })
    const running = await call('quick')
    const hanging = await call('hang')
    const stopped = daemon.stop()
    const late = await call('say')
    assert.equal((late.answers()[0] as RpcReplyBody).refused, 'stopping')
    quick.resolve({ done: true })
    await settle()
    assert.deepEqual(running.answers(), [ok({ done: true })])
    clock.advance(5000)
    await settle()
    await stopped
    assert.equal(
      (hanging.answers()[0] as RpcReplyBody).statusMessage,
      'the daemon is stopping, the action was cancelled',
    )
    await stop()
  })
})

describe('createDispatch: noop', () => {
  const trying = (inputs: readonly string[]): Record<string, Agent> => ({
    echo: {
      ddl: agentDdl('echo', [{ ...actionWith(inputs), name: 'act' }]),
      actions: { act: () => ({ acted: true }) },
    },
  })
  const actionWith = (inputs: readonly string[]): ActionDdl =>
    ({
      ...{ name: '', description: '', display: 'failed', outputs: [], aggregates: [] },
      inputs: inputs.map((name) => ({ name, prompt: '', description: '', type: 'boolean', optional: true })),
    }) as ActionDdl

  test('an action that does not know noop is not run with it', () =>
    withNode({ agents: trying([]) }, async ({ call }) => {
      for (const noop of [true, 'true', 1, null]) {
        const [answer] = (await call('act', { noop })).answers() as RpcReplyBody[]
        assert.equal(answer?.statusCode, 4)
        assert.match(answer?.statusMessage ?? '', /knows no noop and was not run/)
      }
      for (const noop of [false, 'false'])
        assert.deepEqual((await call('act', { noop })).answers(), [ok({ acted: true })])
    }))

  test('one that does is', () =>
    withNode({ agents: trying(['noop']) }, async ({ call }) => {
      assert.deepEqual((await call('act', { noop: true })).answers(), [ok({ acted: true })])
    }))
})
