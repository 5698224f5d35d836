import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '#base/clock.ts'
import { askRosterKeeper } from './fleet-sources.ts'

/** A keeper of the roster that says this. */
function keeper(answers: Readonly<Record<string, unknown>>) {
  const call = (action: string) => ({
    summary: Promise.resolve({}),
    stop() {},
    async *[Symbol.asyncIterator]() {
      yield { statusCode: 0, data: answers[action] ?? {} }
    },
  })
  return { agent: () => ({ call }) } as never
}

test('askRosterKeeper: entries that cannot be nodes are left out, times that cannot be are none', async () => {
  const nodes = [
    { identity: 'good.example.com', lastseen: 1_700_000_000, facts: { fqdn: 'good.example.com' } },
    { identity: 'odd.example.com', lastseen: 1.0001, lost: 1e300 },
    ...['', 'a b', '<img src=x>', 'x'.repeat(5_000), 'a\nb', '../..//x', 7, null].map((identity) => ({ identity })),
    ...['text', null, []],
  ]
  const client = keeper({ list: { nodes }, expected: { nodes: [], undecided: [] } })
  const parts = {
    clock: systemClock,
    collective: 'mcollective',
    discoveryTimeoutSeconds: 2,
    client: async () => client,
  }
  const found = (await askRosterKeeper(parts))?.nodes
  assert.deepEqual(found, [
    { name: 'good.example.com', lastSeenMs: 1_700_000_000_000, facts: { fqdn: 'good.example.com' } },
    { name: 'odd.example.com', lastSeenMs: 1000, facts: {} },
  ])
})
