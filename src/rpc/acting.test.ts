import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { actionActs, isKnownToLook } from './acting.ts'
import type { ActionDdl, AgentDdl } from './ddl/ddl.ts'
import { parseDdl } from './ddl/parse.ts'

const acts = (agent: string, name: string, inputs: object[] = []): boolean =>
  actionActs(agent, { name, inputs: inputs as never })
const looks = (agent: string, name: string, looking: string[] = [], inputs: object[] = []): boolean =>
  isKnownToLook(agent, { name, inputs: inputs as never }, new Set(looking))
const NOOP = [{ name: 'noop', type: 'boolean' }]

/** Of the agents that come with the product, as `AGENT.ACTION`. */
function shipped(choose: (agent: string, action: ActionDdl) => boolean): string[] {
  const agents = new URL('../agents/', import.meta.url)
  return readdirSync(agents, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => {
      const text = readFileSync(new URL(`${name}/${name}.ddl`, agents), 'utf8')
      const ddl = parseDdl(text, { kind: 'agent', name, file: `${name}.ddl`, version: '3.0.0' }) as AgentDdl
      return ddl.actions.filter((action) => choose(name, action)).map((action) => `${name}.${action.name}`)
    })
}

describe('actionActs [live 6]', () => {
  test('what only looks does not act, what is not known to look does', () => {
    const looking = ['status', 'get_fact', 'find', 'search', 'getStatus', 'disk_info', 'ping']
    for (const name of looking) assert.equal(acts('acme', name), false, name)
    const acting = ['restart', 'frobnicate', 'runcommand', 'get_and_delete', 'status_reset', 'clearStats', 'exec', '']
    for (const name of acting) assert.equal(acts('acme', name), true, name)
  })

  test('a verb that changes something acts, also before a word that sounds like looking', () => {
    const names =
      'toggle_status switch_version bump_version promote_version rebuild_list prune_list assign_classes migrate_facts'
    const more =
      'generateReport submit_report import_hash repair_stats test_and_fix grant_view renew_info insert_query force_check'
    for (const name of `${names} ${more}`.split(' ')) assert.equal(acts('acme', name), true, name)
  })

  test('what can be tried with noop acts, whatever it is called', () => {
    assert.equal(acts('acme', 'status', NOOP), true)
  })

  test('every action that comes with the product is on the side it belongs to', () => {
    const acting = shipped(actionActs)
    assert.deepEqual(acting, [
      ...['reload_agent', 'reload_agents', 'exit'].map((action) => `controller.${action}`),
      ...['install', 'update', 'uninstall', 'purge', 'yum_clean', 'apt_update', 'refresh'].map((a) => `package.${a}`),
      ...['resource', 'disable', 'enable', 'runonce'].map((action) => `puppet.${action}`),
      ...['enable', 'disable', 'runonce'].map((action) => `puppetd.${action}`),
      'puppetral.create',
      'roster.forget',
      ...['start', 'stop', 'restart'].map((action) => `service.${action}`),
    ])
  })
})

describe('isKnownToLook', () => {
  test('what comes with the product and acts by no account is known; its other actions are not', () => {
    const known = new Set(shipped(isKnownToLook))
    const unknown = shipped((agent, action) => !isKnownToLook(agent, action))
    assert.deepEqual(unknown, shipped(actionActs))
    for (const one of ['service.status', 'rpcutil.ping', 'package.status', 'puppet.last_run_report', 'puppetral.find'])
      assert.ok(known.has(one), one)
  })

  test('no name makes an action of any other agent known, however harmless it sounds', () => {
    for (const name of ['status', 'get_fact', 'ping', 'check', 'list', 'last_run_summary', ''])
      assert.equal(looks('acme', name), false, name)
    for (const [agent, name] of [
      ['service', 'Status'],
      ['service.status', ''],
      ['', 'service.status'],
      ['__proto__', 'status'],
      ['rpcutil', 'status'],
    ] as const)
      assert.equal(looks(agent, name), false, `${agent} ${name}`)
  })

  test('a site may say that an action only looks, also of one with noop', () => {
    assert.equal(looks('nrpe', 'runcommand', ['nrpe.runcommand']), true)
    assert.equal(looks('shell', 'runcommand', ['nrpe.runcommand']), false)
    assert.equal(looks('acme', 'plan', ['acme.plan'], NOOP), true)
  })

  test('an action of a known name that can be tried with noop is another than the one that is known', () => {
    assert.equal(looks('service', 'status', [], NOOP), false)
  })
})
