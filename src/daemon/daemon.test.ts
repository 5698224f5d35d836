import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Registration, Request } from '#message/request.ts'
import { agentDdl, NODE, startTestNode } from './test-node.ts'

const discovery = { ddl: agentDdl('discovery', [], 5), actions: {}, text: () => 'pong' }

describe('createDaemon', () => {
  test('hears broadcasts of its agents in each of its collectives, and what is directed to it', async () => {
    const { text, toNode, stop } = await startTestNode({ agents: { discovery } })
    assert.equal((await text('ping')).answers().length, 1)
    assert.equal((await text('ping', { collective: 'dev' })).answers().length, 1)
    assert.equal((await text('ping', { collective: 'other' })).answers().length, 0)
    assert.equal((await text('ping', { to: toNode })).answers().length, 1)
    assert.equal((await text('ping', { collective: 'dev', to: { ...toNode, collective: 'dev' } })).answers().length, 1)
    await stop()
  })

  test('does not hear directed messages when direct addressing is off', async () => {
    const { text, toNode, stop } = await startTestNode({ agents: { discovery }, settings: { directAddressing: false } })
    assert.equal((await text('ping', { to: toNode })).answers().length, 0)
    await stop()
  })

  test('hands registrations to the keeper of the roster, and answers nothing', async () => {
    const kept: Request[] = []
    const registration: Registration = {
      ...{
        agents: [],
        collectives: ['mcollective'],
        classes: [],
        facts: null,
        version: '3',
        intervalSeconds: 60,
        leaving: false,
      },
    }
    const { ask, stop, daemon } = await startTestNode({
      agents: { discovery },
      daemon: { onRegistration: (request) => void kept.push(request) },
    })
    const filter = { facts: [], classes: [], agents: ['registration'], identities: [], compounds: [] }
    const { answers } = await ask({ kind: 'registration', registration }, { agent: 'registration', filter })
    assert.deepEqual(
      kept.map((request) => request.sender),
      ['client.example.com'],
    )
    assert.deepEqual([answers(), daemon.stats().passed], [[], 1])
    await stop()
  })

  test('registers after connecting and again when the connection is back, and says good-bye', async () => {
    const { bus, clock, settle, stop } = await startTestNode({
      agents: { discovery },
      settings: { registration: { intervalSeconds: 600, collective: 'dev', splay: false } },
    })
    const sent = () =>
      bus.published.filter(({ target }) => target.kind === 'broadcast' && target.agent === 'registration')
    clock.advance(1)
    await settle()
    assert.deepEqual(
      sent().map(({ target }) => target),
      [{ kind: 'broadcast', collective: 'dev', agent: 'registration' }],
    )
    bus.break(NODE)
    bus.restore(NODE)
    clock.advance(1)
    await settle()
    assert.equal(sent().length, 2)
    await stop()
    assert.equal(sent().length, 3)
  })

  test('leaves nothing behind when it has stopped', async () => {
    const { daemon, text, stop, toNode, clock } = await startTestNode({ agents: { discovery } })
    await daemon.stop()
    await daemon.stop()
    clock.advance(10_000_000)
    assert.equal((await text('ping', { to: toNode })).answers().length, 0)
    await stop()
  })
})
