import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EMPTY_FILTER } from '#message/filter.ts'
import { callAction, ddlOf } from '../test-view.ts'
import { createRosterAgent, type RosterQuestion } from './roster.ts'

function asked() {
  const questions: RosterQuestion[] = []
  const agent = createRosterAgent(ddlOf('roster'), {
    expected(question) {
      questions.push(question)
      return { nodes: ['a'], undecided: ['b'], total: 3, sinceMs: 1795324648_900 }
    },
    list: (facts) => [
      {
        identity: 'a',
        lastSeenMs: 5_900,
        intervalSeconds: 600,
        version: '3.0.0',
        ...(facts?.[0] ? { facts: { [facts[0]]: 'x' } } : {}),
      },
      { identity: 'b', lastSeenMs: 5_900, intervalSeconds: 600, version: '3.0.0', lostSinceMs: 9_000 },
    ],
    count: (what) => ({ counts: [{ name: what, nodes: 2 }], more: 1 }),
    countValues: (fact) => ({ counts: [{ name: `${fact} of somebody`, nodes: 1 }], more: 0 }),
    forget: (identity: string) => identity === 'a',
  })
  return { agent, questions }
}

describe('roster', () => {
  test('expected hands on filter, agent and collective', async () => {
    const { agent, questions } = asked()
    const filter = { ...EMPTY_FILTER, classes: ['ntp'] }
    const data = { filter: JSON.stringify(filter), agent: 'rpcutil', collective: 'dev' }
    assert.deepEqual(await callAction(agent, 'expected', data), {
      nodes: ['a'],
      undecided: ['b'],
      total: 3,
      since: 1795324648,
    })
    assert.deepEqual(await callAction(agent, 'expected'), {
      nodes: ['a'],
      undecided: ['b'],
      total: 3,
      since: 1795324648,
    })
    assert.deepEqual(questions, [{ filter, agent: 'rpcutil', collective: 'dev' }, { filter: EMPTY_FILTER }])
  })

  test('expected refuses with code 4 what is not a filter', async () => {
    const { agent } = asked()
    for (const filter of ['{', '{}', '{"facts":[{}],"classes":[],"agents":[],"identities":[],"compounds":[]}']) {
      await assert.rejects(callAction(agent, 'expected', { filter }), { statusCode: 4 })
    }
  })

  test('list and forget', async () => {
    const { agent } = asked()
    assert.deepEqual(await callAction(agent, 'list'), {
      nodes: [
        { identity: 'a', lastseen: 5, interval: 600, version: '3.0.0' },
        { identity: 'b', lastseen: 5, interval: 600, version: '3.0.0', lost: 9 },
      ],
    })
    assert.deepEqual(await callAction(agent, 'forget', { identity: 'a' }), { forgotten: true })
  })

  test('list tells facts that are asked for, and refuses more than ten', async () => {
    const { agent } = asked()
    const { nodes } = (await callAction(agent, 'list', { facts: 'os.family, fqdn' })) ?? {}
    assert.deepEqual((nodes as { facts?: object }[])[0]?.facts, { 'os.family': 'x' })
    await assert.rejects(callAction(agent, 'list', { facts: 'a,b,c,d,e,f,g,h,i,j,k' }), { statusCode: 4 })
  })

  test('facts, values, classes and agents count', async () => {
    const { agent } = asked()
    for (const what of ['facts', 'classes', 'agents'])
      assert.deepEqual(await callAction(agent, what), { [what]: [{ name: what, nodes: 2 }], more: 1 })
    assert.deepEqual(await callAction(agent, 'values', { fact: 'os.family' }), {
      values: [{ name: 'os.family of somebody', nodes: 1 }],
      more: 0,
    })
  })
})
