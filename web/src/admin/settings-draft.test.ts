import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ConsoleSettings } from '#console/api/fleet.ts'
import { catchUp, sameSettings } from './settings-draft.ts'

const BASE: ConsoleSettings = {
  liveManagement: true,
  resourceTypes: ['user', 'group'],
  retentionDays: { jobs: 90, audit: 400, reports: 90 },
}
const withPart = (part: Partial<ConsoleSettings>, days: Partial<ConsoleSettings['retentionDays']> = {}) => ({
  ...{ ...BASE, ...part },
  retentionDays: { ...BASE.retentionDays, ...days },
})

describe('catchUp', () => {
  test('what was typed stays, what somebody else changed besides is taken over and named', () => {
    const draft = withPart({ resourceTypes: ['user'] }, { jobs: 30 })
    const current = withPart({ liveManagement: false }, { audit: 10 })
    assert.deepEqual(catchUp(BASE, draft, current), {
      draft: withPart({ liveManagement: false, resourceTypes: ['user'] }, { jobs: 30, audit: 10 }),
      taken: ['Live Management', 'how long the audit is kept'],
      contested: [],
    })
  })

  test('what both changed stays as it was typed and is named; the same change is no quarrel', () => {
    const draft = withPart({ liveManagement: false, resourceTypes: ['user'] })
    const current = withPart({ liveManagement: false, resourceTypes: ['host'] })
    assert.deepEqual(catchUp(BASE, draft, current), { draft, taken: [], contested: ['resource types'] })
  })

  test('nothing changed elsewhere, nothing changes here', () => {
    const draft = withPart({}, { reports: 1 })
    assert.deepEqual(catchUp(BASE, draft, { ...BASE }), { draft, taken: [], contested: [] })
    assert.ok(sameSettings(BASE, structuredClone(BASE)))
    assert.ok(!sameSettings(BASE, draft))
  })
})
