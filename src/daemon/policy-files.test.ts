import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { silentLog } from '#base/log.ts'
import type { NodeView } from '#rpc/agent.ts'
import { createPolicyFiles, type PolicyFilesOptions } from './policy-files.ts'

const node = {
  identity: 'node1',
  facts: () => ({ environment: 'production' }),
  classes: () => [],
  agents: () => [],
  queryData: async () => ({}),
} as unknown as NodeView

async function withPolicies(
  change: Partial<PolicyFilesOptions>,
  run: (tools: {
    write: (name: string, text: string, mode?: number) => void
    allowed: (agent: string, action: string, caller: string) => Promise<boolean>
  }) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'troupe-policies-'))
  const authorize = createPolicyFiles({
    ...{ directory, allowUnconfigured: false, useDefaultPolicy: false, defaultPolicyName: 'default', log: silentLog },
    ...change,
  })
  try {
    await run({
      write(name, text, mode = 0o644) {
        writeFileSync(join(directory, name), text)
        chmodSync(join(directory, name), mode)
      },
      allowed: async (agent, action, caller) => (await authorize({ agent, action, caller }, node)).allowed,
    })
  } finally {
    rmSync(directory, { recursive: true })
  }
}

describe('createPolicyFiles [agents 14]', () => {
  test('denies what is not configured, unless told otherwise', async () => {
    await withPolicies({}, async ({ allowed }) => assert.equal(await allowed('service', 'stop', 'uid=0'), false))
    await withPolicies({ allowUnconfigured: true }, async ({ allowed }) =>
      assert.equal(await allowed('service', 'stop', 'uid=0'), true),
    )
  })

  test('follows changes of policy and groups at once', () =>
    withPolicies({}, async ({ write, allowed }) => {
      write('service.policy', 'policy default deny\nallow\tops\tstop\tenvironment=production\t*\n')
      write('groups', 'ops uid=1 uid=2\n')
      assert.deepEqual(
        [await allowed('service', 'stop', 'uid=1'), await allowed('service', 'stop', 'uid=12')],
        [true, false],
      )
      write('groups', 'ops uid=12 uid=2\n')
      assert.deepEqual(
        [await allowed('service', 'stop', 'uid=1'), await allowed('service', 'stop', 'uid=12')],
        [false, true],
      )
      write('service.policy', 'policy default allow\n')
      assert.equal(await allowed('service', 'start', 'uid=99'), true)
    }))

  test('uses the default policy when that is enabled', () =>
    withPolicies({ useDefaultPolicy: true }, async ({ write, allowed }) => {
      write('default.policy', 'policy default deny\nallow\tuid=1\t*\t*\t*\n')
      assert.deepEqual([await allowed('any', 'go', 'uid=1'), await allowed('any', 'go', 'uid=2')], [true, false])
    }))

  test('denies everything by a file that is broken or that anybody can change', () =>
    withPolicies({ allowUnconfigured: true }, async ({ write, allowed }) => {
      write('a.policy', 'policy default allow\nallow uid=1 with blanks\n')
      write('b.policy', 'policy default allow\n', 0o666)
      assert.deepEqual([await allowed('a', 'x', 'uid=1'), await allowed('b', 'x', 'uid=1')], [false, false])
      write('c.policy', 'policy default allow\n')
      write('groups', '!!!\n')
      assert.equal(await allowed('c', 'x', 'uid=1'), false, 'groups count as well')
    }))
})
