import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TroupeError } from '#base/errors.ts'
import { type Log, silentLog } from '#base/log.ts'
import type { Values } from '#message/request.ts'
import type { RalAccess } from '#puppet/ral/open-ral.ts'
import { type RalQuestion, RalRefusal } from '#puppet/ral/ral-worker.ts'
import { createRal } from '#puppet/ral/resource.ts'
import { callAction, ddlOf, nodeView } from '../test-view.ts'
import { createPuppetralAgent } from './puppetral.ts'

const FILE = {
  ...{ type: 'File', title: '/tmp/hello', tags: ['file'], exported: false, managed: null, sensitive: [] },
  parameters: { ensure: 'file', mode: '0644' },
}
const EXEC_TITLE = "/bin/bash -c 'echo Hello > /tmp/hello'"

/** An agent whose worker gives one answer. */
function agentThat(answers: unknown, options: { missing?: string; settings?: Record<string, string>; log?: Log } = {}) {
  const asked: RalQuestion[] = []
  let kept = 0
  const access: RalAccess = {
    unavailable: async () => options.missing,
    keepReady: () => void kept++,
    stop: async () => {},
    ral: createRal({
      async ask(question) {
        asked.push(question)
        if (answers instanceof Error) throw answers
        return answers
      },
    }),
  }
  const node = nodeView({ setting: (name) => options.settings?.[name] })
  const agent = createPuppetralAgent(ddlOf('puppetral'), access, options.log ?? silentLog)
  return {
    agent,
    asked,
    node,
    kept: () => kept,
    call: (action: string, data: Values) => callAction(agent, action, data, node),
  }
}

const created = (resource: object, events: object[] = []) => ({ resource, events, changed: true })

describe('puppetral [agents 9]', () => {
  test('its DDL shows every action always and waits 180 seconds', () => {
    const { actions, metadata } = ddlOf('puppetral')
    assert.deepEqual(actions.map((action) => action.name).sort(), ['create', 'find', 'search'])
    assert.ok(actions.every((action) => action.display === 'always'))
    assert.equal(metadata.timeoutSeconds, 180)
  })

  test('find gives the six outputs; what nobody knows to be managed is unknown', async () => {
    const { call, asked } = agentThat(FILE)
    assert.deepEqual(await call('find', { type: 'file', title: '/tmp/hello' }), {
      ...{ type: 'File', title: '/tmp/hello', tags: ['file'], exported: false, managed: 'unknown' },
      parameters: { ensure: 'file', mode: '0644' },
    })
    assert.deepEqual(asked, [{ ask: 'find', type: 'file', title: '/tmp/hello' }])
    const managed = await agentThat({ ...FILE, managed: true }).call('find', { type: 'file', name: '/tmp/hello' })
    assert.equal(managed?.managed, true)
  })

  test('find without a title is code 3', async () => {
    const { call } = agentThat(FILE)
    await assert.rejects(call('find', { type: 'file' }), {
      statusCode: 3,
      message: 'Action find needs a title argument',
    })
  })

  test('an unknown type is code 5, every other no code 1', async () => {
    const unknown = agentThat(new RalRefusal('unknown_type', 'Could not find type x', {}))
    const no = agentThat(new RalRefusal('failed', 'File paths must be fully qualified', {}))
    const dead = agentThat(new TroupeError('RPC_PUPPET_WORKER', 'the Puppet worker died'))
    for (const action of ['find', 'search', 'create']) {
      const data: Values = action === 'search' ? { type: 'x' } : { type: 'x', title: 'y' }
      await assert.rejects(unknown.call(action, data), { statusCode: 5, message: 'Could not find type x' })
      await assert.rejects(no.call(action, data), { statusCode: 1, message: 'File paths must be fully qualified' })
      await assert.rejects(dead.call(action, data), { statusCode: 1, message: 'the Puppet worker died' })
    }
  })

  test('search gives the list of resources, of one provider if it is named', async () => {
    const { call, asked } = agentThat({ resources: [FILE, { ...FILE, title: 'b' }] })
    const { result } = (await call('search', { type: 'package', provider: 'gem' })) as { result: Values[] }
    assert.deepEqual(
      result.map((resource) => resource.title),
      ['/tmp/hello', 'b'],
    )
    assert.deepEqual(asked, [{ ask: 'search', type: 'package', provider: 'gem' }])
  })

  test('create takes every other input as a parameter, beside a map of them', async () => {
    const { call, asked } = agentThat(created(FILE))
    const outputs = await call('create', {
      ...{ type: 'user', title: 'foo', ensure: 'absent', avoid_conflict: 'uid', parameters: { uid: 7, groups: ['a'] } },
      process_results: true,
    })
    assert.equal(outputs?.status, 'Resource was created')
    assert.deepEqual(asked, [
      {
        ...{ ask: 'create', type: 'user', title: 'foo', noop: false, avoid_conflict: 'uid' },
        parameters: { uid: 7, groups: ['a'], ensure: 'absent' },
      },
    ])
    const json = agentThat(created(FILE))
    await json.call('create', { type: 'user', name: 'foo', parameters: '{"groups":["a","b"]}' })
    assert.deepEqual(json.asked[0]?.parameters, { groups: ['a', 'b'] })
    const named = agentThat(created(FILE))
    await named.call('create', { type: 'file', title: 'a file', name: '/tmp/x' })
    assert.deepEqual(named.asked[0]?.parameters, { name: '/tmp/x' })
    await assert.rejects(named.call('create', { type: 'user', title: 'x', parameters: '[1]' }), { statusCode: 4 })
  })

  test('create gives status and resource and nothing else, as on the screens of 2011', async () => {
    const exec = { ...FILE, type: 'Exec', title: EXEC_TITLE, tags: ['exec'], parameters: { returns: 'notrun' } }
    const { call } = agentThat(created(exec, [{ property: 'returns', status: 'success', message: 'executed' }]))
    const outputs = await call('create', { type: 'exec', title: EXEC_TITLE })
    assert.deepEqual(Object.keys(outputs ?? {}), ['status', 'resource'])
    const { parameters } = (outputs?.resource ?? {}) as Values
    assert.deepEqual(parameters, { returns: 'notrun' })
  })

  test('create that fails is code 1 with the message and the events [A2]', async () => {
    const message = "change from 'notrun' to ['0'] failed: '/bin/false' returned 1 instead of one of [0]"
    const events = [{ property: 'returns', message, status: 'failure', previous: 'notrun', desired: ['0'] }]
    const { call } = agentThat(new RalRefusal('failed', message, { events }))
    await assert.rejects(call('create', { type: 'exec', title: '/bin/false' }), {
      ...{ statusCode: 1, message, data: { events } },
    })
  })

  test('noop asks for noop however it is said, and tells what would happen', async () => {
    for (const data of [{ noop: true }, { parameters: { noop: true } }]) {
      const { call, asked } = agentThat(created(FILE, [{ property: 'ensure', message: 'm', status: 'noop' }]))
      const outputs = await call('create', { type: 'file', title: '/tmp/hello', ...data })
      assert.equal(outputs?.status, 'Resource would be created')
      assert.equal((outputs?.events as Values[] | undefined)?.[0]?.status, 'noop')
      assert.deepEqual([asked[0]?.noop, asked[0]?.parameters], [true, {}])
    }
    const nothing = await agentThat(created(FILE)).call('create', { type: 'file', title: '/tmp/hello', noop: true })
    assert.equal(nothing?.status, 'Nothing would change')
  })

  test('titles may hold anything, and 10 kB of it', async () => {
    for (const title of ['a b', `"'\`$(x);&|`, 'a\nb', 'ünïcødé ✓', 'x'.repeat(10_240), '__proto__']) {
      const { call, asked } = agentThat(FILE)
      await call('find', { type: 'file', title })
      assert.equal(asked[0]?.title, title)
    }
    const { call, asked } = agentThat(created(FILE))
    await call('create', JSON.parse('{"type":"file","title":"x","__proto__":"y","constructor":"z"}'))
    assert.deepEqual(Object.entries(asked[0]?.parameters as object), [
      ['__proto__', 'y'],
      ['constructor', 'z'],
    ])
  })
})

describe('puppetral and secrets', () => {
  const user = {
    ...{ ...FILE, type: 'User', title: 'bob', sensitive: ['api'] },
    parameters: { ensure: 'present', password: '$6$salt$hash', password_max_age: 99999, api: 'k', uid: 7 },
  }
  const parametersFor = async (settings: Record<string, string>, reveal: boolean) =>
    (await agentThat(user, { settings }).call('find', { type: 'user', title: 'bob', reveal }))?.parameters as Values

  test('what is sensitive is masked; ages of passwords are not', async () => {
    const masked = { ensure: 'present', password: '*****', password_max_age: 99999, api: '*****', uid: 7 }
    assert.deepEqual(await parametersFor({}, false), masked)
    assert.deepEqual(
      await parametersFor({ 'puppetral.reveal_sensitive': 'yes' }, false),
      masked,
      'it must be asked for',
    )
  })

  test('reveal is for the callers that the node names', async () => {
    for (const setting of ['yes', '1', 'uid=0', 'cert=admin, uid=0']) {
      assert.equal((await parametersFor({ 'puppetral.reveal_sensitive': setting }, true)).password, '$6$salt$hash')
    }
    for (const setting of ['', 'no', 'cert=admin', 'uid=01', 'yes no']) {
      const refused = parametersFor({ 'puppetral.reveal_sensitive': setting }, true)
      await assert.rejects(refused, { statusCode: 1, message: /not shown to uid=0/ }, setting)
    }
  })

  test('messages and events do not quote what a secret was to become', async () => {
    const message = "change from 'a' to 'hunter22' failed"
    const events = [{ property: 'secret_key', message, status: 'failure', previous: 'a', desired: 'hunter22' }]
    const { call } = agentThat(new RalRefusal('failed', message, { events }))
    await assert.rejects(call('create', { type: 'x', title: 'y', secret_key: 'hunter22' }), (error: Error) => {
      assert.doesNotMatch(JSON.stringify([error.message, (error as unknown as { data: Values }).data]), /hunter22/)
      return true
    })
  })
})

describe('puppetral and exec', () => {
  test('every command is logged in full with who asked for it, before it runs', async () => {
    const lines: string[] = []
    const log: Log = { ...silentLog, info: (message) => void lines.push(message) }
    const { call } = agentThat(created(FILE), { log })
    await call('create', { type: 'Exec', title: EXEC_TITLE, unless: '/bin/test -e "a\nb"' })
    assert.equal(
      lines[0],
      `puppetral runs exec for uid=0: ${JSON.stringify({ title: EXEC_TITLE, unless: '/bin/test -e "a\nb"' })}`,
    )
    const long = `/bin/echo ${'x'.repeat(10_240)}END`
    await call('create', { type: 'exec', title: long })
    assert.equal(lines.length, 4)
    assert.match(lines.at(-1) ?? '', /part 3 of 3.*END"}$/)
  })

  test('a node may close it, or keep it for some', async () => {
    for (const [setting, open] of [
      ['no', false],
      ['yes', true],
      ['cert=admin', false],
      ['uid=0', true],
    ] as const) {
      const { call, asked } = agentThat(created(FILE), { settings: { 'puppetral.exec': setting } })
      const answer = call('create', { type: 'EXEC', title: EXEC_TITLE })
      if (open) await answer
      else await assert.rejects(answer, { statusCode: 1, message: 'exec resources are not open to uid=0 on this node' })
      assert.equal(asked.length, open ? 1 : 0)
    }
  })
})

test('puppetral is not active without a Puppet, and says why', async () => {
  const { agent, node } = agentThat(FILE, { missing: 'Puppet is not installed' })
  assert.equal(await agent.activate?.(node), 'Puppet is not installed')
  assert.equal(await agentThat(FILE).agent.activate?.(node), true)
})

test('puppetral starts its worker before anybody asks where it is told to', async () => {
  for (const [setting, missing, ready] of [
    ['yes', undefined, 1],
    ['no', undefined, 0],
    ['yes', 'Puppet is not installed', 0],
  ] as const) {
    const { agent, node, kept } = agentThat(FILE, {
      ...{ settings: { 'puppetral.prewarm': setting } },
      ...(missing ? { missing } : {}),
    })
    await agent.activate?.(node)
    assert.equal(kept(), ready, `${setting}, ${missing}`)
  }
})
