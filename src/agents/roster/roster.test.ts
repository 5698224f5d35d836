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
    list: () => [
      { identity: 'a', lastSeenMs: 5_900, intervalSeconds: 600, version: '3.0.0' },
      { identity: 'b', lastSeenMs: 5_900, intervalSeconds: 600, version: '3.0.0', lostSinceMs: 9_000 },
    ],
    forget: (identity) => identity === 'a',
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
})
