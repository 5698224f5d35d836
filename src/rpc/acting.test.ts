import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { actionActs } from './acting.ts'
import { parseDdl } from './ddl/parse.ts'

const acts = (agent: string, name: string, looking: string[] = []): boolean => actionActs(agent, name, new Set(looking))

describe('actionActs [live 6]', () => {
  test('what only looks does not act, what is not known to look does', () => {
    const looking = ['status', 'get_fact', 'find', 'search', 'getStatus', 'disk_info', 'ping']
    for (const name of looking) assert.equal(acts('acme', name), false, name)
    const acting = ['restart', 'frobnicate', 'runcommand', 'get_and_delete', 'status_reset', 'clearStats', 'exec', '']
    for (const name of acting) assert.equal(acts('acme', name), true, name)
  })

  test('a site may say that an action only looks', () => {
    assert.equal(acts('nrpe', 'runcommand', ['nrpe.runcommand']), false)
    assert.equal(acts('shell', 'runcommand', ['nrpe.runcommand']), true)
  })

  test('every action that comes with the product is on the side it belongs to', () => {
    const names = ['controller', 'package', 'puppet', 'puppetd', 'puppetral', 'roster', 'rpcutil', 'service']
    const looking = names.flatMap((name) => {
      const file = new URL(`../agents/${name}/${name}.ddl`, import.meta.url)
      const ddl = parseDdl(readFileSync(file, 'utf8'), { kind: 'agent', name, file: file.pathname, version: '3.0.0' })
      if (ddl.kind !== 'agent') throw new Error('no agent')
      return ddl.actions.filter((action) => !actionActs(name, action.name)).map((action) => `${name} ${action.name}`)
    })
    for (const one of ['package status', 'service status', 'puppetral find', 'rpcutil inventory', 'controller stats'])
      assert.ok(looking.includes(one), one)
    const acting =
      /install|[^k]update$|purge|clean|refresh|apt_update|start|stop|enable|disable|runonce|resource|create|reload|exit|forget/
    assert.deepEqual(
      looking.filter((one) => acting.test(one)),
      [],
    )
  })
})
