import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { callAction, ddlOf, nodeView, sayText } from '../test-view.ts'
import { createControllerAgent, type DaemonControl } from './controller.ts'

function controlled(change: Partial<DaemonControl> = {}) {
  const exits: string[] = []
  const agent = createControllerAgent(ddlOf('controller'), {
    stats: () => nodeView().stats(),
    agents: () => ['controller', 'discovery'],
    reloadAgent: async () => 'changed',
    reloadAgents: async () => ({ added: ['new'], changed: [], removed: ['old'], failed: {} }),
    exit: () => void exits.push('exit'),
    ...change,
  })
  return { agent, exits }
}

describe('controller [agents 8]', () => {
  test('stats gives the counters, as an action and as text', async () => {
    const { agent } = controlled()
    const expected = {
      stats: {
        validated: 1,
        unvalidated: 2,
        passed: 3,
        filtered: 4,
        starttime: 1795324100,
        total: 5,
        replies: 6,
        ttlexpired: 7,
        replayed: 8,
      },
      threads: ['idle'],
      pid: 4711,
      times: { utime: 1.5, stime: 0.5, cutime: 0, cstime: 0 },
      agents: ['controller', 'discovery'],
    }
    assert.deepEqual(await callAction(agent, 'stats'), expected)
    assert.deepEqual(await sayText(agent, 'stats'), expected)
  })

  test('reload_agent and reload_agents say what was done', async () => {
    const { agent } = controlled()
    assert.deepEqual(await callAction(agent, 'reload_agent', { agent: 'rpcutil' }), {
      message: 'reloaded rpcutil agent',
      change: 'changed',
    })
    assert.deepEqual(await callAction(agent, 'reload_agents'), {
      message: 'reloaded all agents',
      added: ['new'],
      changed: [],
      removed: ['old'],
      failed: {},
    })
    assert.equal(await sayText(agent, 'reload_agent rpcutil'), 'reloaded rpcutil agent')
    assert.equal(await sayText(agent, 'reload_agents'), 'reloaded all agents')
  })

  test('a failing reload answers code 1 with the reason', async () => {
    const { agent } = controlled({
      reloadAgent: async () => {
        throw new Error('cannot load agent web: broken')
      },
      reloadAgents: async () => ({
        added: [],
        changed: ['b'],
        removed: [],
        failed: { web: 'broken; its old version stays in use' },
      }),
    })
    const one = { statusCode: 1, message: 'cannot load agent web: broken' }
    await assert.rejects(callAction(agent, 'reload_agent', { agent: 'web' }), one)
    await assert.rejects(sayText(agent, 'reload_agent web'), one)
    await assert.rejects(callAction(agent, 'reload_agents'), {
      statusCode: 1,
      message: 'could not reload web: broken; its old version stays in use',
      data: {
        message: 'reloaded the other agents',
        added: [],
        changed: ['b'],
        removed: [],
        failed: { web: 'broken; its old version stays in use' },
      },
    })
  })

  test('exit answers and ends the daemon', async () => {
    const { agent, exits } = controlled()
    assert.deepEqual(await callAction(agent, 'exit'), { message: 'exiting after request to controller' })
    assert.equal(await sayText(agent, 'exit'), 'exiting after request to controller')
    assert.deepEqual(exits, ['exit', 'exit'])
  })

  test('what is not a command is answered with an error', async () => {
    const { agent } = controlled()
    await assert.rejects(sayText(agent, 'dance'), {
      statusCode: 2,
      message: /Unknown controller command 'dance': .*stats, reload_agent/,
    })
    await assert.rejects(sayText(agent, 'reload_agent'), { statusCode: 3 })
    await assert.rejects(sayText(agent, 'reload_agent ../../x'), { statusCode: 3 })
    await assert.rejects(callAction(agent, 'reload_agent', { agent: 'a/b' }), /Cannot validate input agent/)
  })
})
