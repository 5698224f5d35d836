import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { actionActs } from './acts.ts'
import type { AgentDdl } from './ddl.ts'
import { parseDdl } from './parse.ts'

const agents = new URL('../../agents/', import.meta.url)

test('actionActs: of the agents that come with the product', () => {
  const acting = readdirSync(agents, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => {
      const text = readFileSync(new URL(`${name}/${name}.ddl`, agents), 'utf8')
      const ddl = parseDdl(text, { kind: 'agent', name, file: `${name}.ddl`, version: '3.0.0' }) as AgentDdl
      return ddl.actions.filter(actionActs).map((action) => `${name}.${action.name}`)
    })
  assert.deepEqual(acting, [
    'controller.exit',
    ...['install', 'update', 'uninstall', 'purge', 'yum_clean', 'apt_update', 'refresh'].map((a) => `package.${a}`),
    ...['resource', 'disable', 'enable', 'runonce'].map((action) => `puppet.${action}`),
    ...['enable', 'disable', 'runonce'].map((action) => `puppetd.${action}`),
    'puppetral.create',
    'roster.forget',
    ...['start', 'stop', 'restart'].map((action) => `service.${action}`),
  ])
})

test('actionActs: names decide before what is displayed, and in doubt it acts', () => {
  const action = (name: string, display: 'always' | 'failed', inputs: object[] = []) =>
    ({ name, description: '', display, inputs, outputs: [], aggregates: [] }) as never
  for (const name of ['restart', 'delete_user', 'runcommand', 'set-flag']) assert.ok(actionActs(action(name, 'always')))
  for (const name of ['status', 'get_data', 'apt_checkupdates', 'disk_info'])
    assert.ok(!actionActs(action(name, 'failed')))
  assert.ok(actionActs(action('frobnicate', 'failed')))
  assert.ok(!actionActs(action('say', 'always')))
  assert.ok(actionActs(action('status', 'always', [{ name: 'noop', type: 'boolean' }])))
})
