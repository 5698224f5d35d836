import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Values } from '#message/request.ts'
import { callAction, ddlOf, nodeView } from '../test-view.ts'
import { createRpcutilAgent } from './rpcutil.ts'

const agent = createRpcutilAgent(ddlOf('rpcutil'), () => 1795324648_900)
const call = (action: string, data: Values = {}) => callAction(agent, action, data)

describe('rpcutil [wire 7.1]', () => {
  test('has a handler for every action of its DDL and no other', () => {
    assert.deepEqual(Object.keys(agent.actions).sort(), agent.ddl.actions.map((action) => action.name).sort())
  })

  test('its DDL has the metadata of the original, and shows every action always', () => {
    const { name, version, timeoutSeconds, license, description } = agent.ddl.metadata
    assert.deepEqual(
      [name, version, timeoutSeconds, license, description],
      [
        'rpcutil',
        '1.0',
        10,
        'Apache License, Version 2.0',
        'General helpful actions that expose stats and internals to SimpleRPC clients',
      ],
    )
    assert.ok(agent.ddl.actions.every((action) => action.display === 'always'))
  })

  test('ping gives the time in seconds, find the identity', async () => {
    assert.deepEqual(await call('ping'), { pong: 1795324648 })
    assert.deepEqual(await call('find'), { identity: 'node1.example.com' })
  })

  test('inventory gives everything, data plugins by their full names', async () => {
    assert.deepEqual(await call('inventory'), {
      agents: ['discovery', 'rpcutil'],
      facts: nodeView().facts(),
      classes: ['ntp'],
      version: '3.0.0',
      main_collective: 'mcollective',
      collectives: ['mcollective', 'dev'],
      data_plugins: ['fact_data', 'fstat_data'],
      warnings: ['facts: stale'],
    })
  })

  test('get_fact finds facts by name and by path; unknown ones are nil', async () => {
    const value = async (fact: string) => (await call('get_fact', { fact }))?.value
    assert.deepEqual(await call('get_fact', { fact: 'osfamily' }), { fact: 'osfamily', value: 'Debian' })
    assert.equal(await value('os.family'), 'Debian')
    assert.equal(await value('os.names.1'), 'b')
    assert.equal(await value('os.own'), 'flat')
    for (const absent of [
      'nonsense',
      'os.nonsense',
      'constructor',
      '__proto__',
      'os.names.length',
      'osfamily.length',
    ]) {
      assert.equal(await value(absent), null, absent)
    }
    await assert.rejects(call('get_fact', { fact: 'a b' }), /Cannot validate input fact/)
    await assert.rejects(call('get_fact'), /Action get_fact needs a fact argument/)
  })

  test('get_facts gives several in the order asked for', async () => {
    const values = (await call('get_facts', { facts: 'osfamily , nonsense,os.family' }))?.values as Values
    assert.deepEqual(Object.entries(values), [
      ['osfamily', 'Debian'],
      ['nonsense', null],
      ['os.family', 'Debian'],
    ])
  })

  test('daemon_stats has the counters under their names in the field', async () => {
    assert.deepEqual(await call('daemon_stats'), {
      threads: ['idle'],
      agents: ['discovery', 'rpcutil'],
      pid: 4711,
      times: { utime: 1.5, stime: 0.5, cutime: 0, cstime: 0 },
      ...{ validated: 1, unvalidated: 2, passed: 3, filtered: 4, starttime: 1795324100, total: 5, replies: 6 },
      ...{ configfile: '/etc/mcollective/server.cfg', version: '3.0.0', ttlexpired: 7, replayed: 8 },
    })
  })

  test('agent_inventory describes agents by their metadata', async () => {
    const agents = (await call('agent_inventory'))?.agents as Values[]
    assert.deepEqual(agents[0], {
      agent: 'discovery',
      license: 'Apache License, Version 2',
      timeout: 5,
      description: 'MCollective Discovery Agent',
      name: 'Discovery Agent',
      url: 'https://docs.puppetlabs.com/mcollective/',
      version: '3.0.0',
      author: 'R.I.Pienaar <rip@devco.net>',
    })
  })

  test('get_config_item gives what operators may see, code 1 for what there is not', async () => {
    assert.deepEqual(await call('get_config_item', { item: 'ttl' }), { item: 'ttl', value: 60 })
    await assert.rejects(call('get_config_item', { item: 'x' }), {
      statusCode: 1,
      message: 'Unknown config property x',
    })
  })

  test('get_data asks the data plugin', async () => {
    assert.deepEqual(await call('get_data', { source: 'fstat', query: '/etc/hosts' }), {
      source: 'fstat',
      query: '/etc/hosts',
    })
    assert.deepEqual(await call('get_data', { source: 'puppet' }), { source: 'puppet', query: null })
  })

  test('collective_info gives main and all collectives', async () => {
    assert.deepEqual(await call('collective_info'), {
      main_collective: 'mcollective',
      collectives: ['mcollective', 'dev'],
    })
  })
})
