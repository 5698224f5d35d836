import assert from 'node:assert/strict'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { systemClock } from '#base/clock.ts'
import type { RpcReplyBody } from '#message/reply.ts'
import { createHost } from './host.ts'
import { agentDdl, startTestNode, type TestNodeOptions } from './test-node.ts'

const DDL = (name: string, actions = ['go'], requires = '') => `
metadata :name => "${name}", :description => "d", :author => "a", :license => "l", :version => "1.0", :url => "u", :timeout => 5
${requires}
${actions.map((action) => `action "${action}", :description => "x" do\n  display :always\n  output :v, :description => "v", :display_as => "V"\nend`).join('\n')}
`

async function withLibdir(
  run: (tools: {
    libdir: string
    write: (path: string, text: string, mode?: number) => string
    start: (options?: TestNodeOptions) => ReturnType<typeof startTestNode>
  }) => Promise<void>,
): Promise<void> {
  const libdir = mkdtempSync(join(tmpdir(), 'troupe-agents-'))
  const nodes: Awaited<ReturnType<typeof startTestNode>>[] = []
  try {
    await run({
      libdir,
      write(path, text, mode = 0o644) {
        const file = join(libdir, path)
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, text)
        chmodSync(file, mode)
        return file
      },
      async start(options = {}) {
        const registry = { libdirs: [libdir], host: createHost(), ...options.registry }
        const node = await startTestNode({ ...options, registry })
        nodes.push(node)
        return node
      },
    })
  } finally {
    for (const node of nodes) await node.stop()
    rmSync(libdir, { recursive: true })
  }
}

const outputV = (answers: readonly unknown[]) => (answers[0] as RpcReplyBody | undefined)?.data.v

describe('createRegistry: agents on disk', () => {
  test('loads modules in each of the forms, from both places', () =>
    withLibdir(async ({ write, start }) => {
      write('mcollective/agent/one.ddl', DDL('one'))
      write('mcollective/agent/one.mjs', 'export default { actions: { go: () => ({ v: 1 }) } }')
      write('agent/two.ddl', DDL('two'))
      write('agent/two.js', 'export const agent = { actions: { go: () => ({ v: 2 }) } }')
      write('agent/three.ddl', DDL('three'))
      write('agent/three.ts', 'const v: number = 3\nexport default { actions: { go: () => ({ v }) } }')
      write('agent/four.ddl', DDL('four'))
      write(
        'agent/four.mjs',
        "export default ({ ActionFailed, host }) => ({ actions: { async go() { const r = await host.run(['/bin/echo', '4']); throw new ActionFailed(1, r.stdout.trim(), { v: 4 }) } } })",
      )
      const { daemon, call } = await start()
      assert.deepEqual(
        daemon.node.agents().map((ddl) => ddl.name),
        ['four', 'one', 'three', 'two'],
      )
      for (const [agent, value] of [
        ['one', 1],
        ['two', 2],
        ['three', 3],
      ] as const) {
        assert.equal(outputV((await call('go', {}, { agent })).answers()), value)
      }
      const four = await call('go', {}, { agent: 'four' })
      await systemAfter(200)
      assert.deepEqual(four.answers(), [{ kind: 'rpc', statusCode: 1, statusMessage: '4', data: { v: 4 } }])
    }))

  test('reload_agents finds what is new, changed and gone without a restart', () =>
    withLibdir(async ({ write, start, libdir }) => {
      write('agent/old.ddl', DDL('old'))
      write('agent/old.mjs', 'export default { actions: { go: () => ({ v: "old" }) } }')
      write('agent/gone.ddl', DDL('gone'))
      write('agent/gone.mjs', 'export default { actions: {} }')
      const { daemon, call } = await start()
      write('agent/old.mjs', 'export default { actions: { go: () => ({ v: "changed" }) } }')
      write('agent/fresh.ddl', DDL('fresh'))
      write('agent/fresh.mjs', 'export default { actions: { go: () => ({ v: "fresh" }) } }')
      rmSync(join(libdir, 'agent/gone.ddl'))
      assert.deepEqual(await daemon.reloadAgents(), {
        added: ['fresh'],
        changed: ['old'],
        removed: ['gone'],
        failed: {},
      })
      assert.equal(outputV((await call('go', {}, { agent: 'old' })).answers()), 'changed')
      assert.equal(outputV((await call('go', {}, { agent: 'fresh' })).answers()), 'fresh', 'subscribed to at once')
      assert.deepEqual((await call('go', {}, { agent: 'gone' })).answers(), [])
      assert.deepEqual(await daemon.reloadAgents(), { added: [], changed: [], removed: [], failed: {} })
    }))

  test('an agent that fails to load keeps its old version, says why, and heals', () =>
    withLibdir(async ({ write, start }) => {
      write('agent/web.ddl', DDL('web'))
      write('agent/web.mjs', 'export default { actions: { go: () => ({ v: 1 }) } }')
      const { daemon, call } = await start()
      write('agent/web.mjs', 'export default { actions: { go: () => (')
      const { failed } = await daemon.reloadAgents()
      assert.match(failed.web ?? '', /its old version stays in use/)
      assert.match(daemon.node.warnings().join(), /agent web could not be loaded/)
      await assert.rejects(daemon.reloadAgent('web'), {
        code: 'RPC_AGENT_LOAD',
        message: /cannot load agent web: .*old version/,
      })
      assert.equal(outputV((await call('go', {}, { agent: 'web' })).answers()), 1)
      write('agent/web.mjs', 'export default { actions: { go: () => ({ v: 2 }) } }')
      assert.equal(await daemon.reloadAgent('web'), 'changed')
      assert.equal(outputV((await call('go', {}, { agent: 'web' })).answers()), 2)
      assert.deepEqual(daemon.node.warnings(), [])
    }))

  const bad: [name: string, files: Record<string, string>, reason: RegExp][] = [
    ['a DDL outside the language', { 'x.ddl': 'metadata :name => `rm`', 'x.mjs': '' }, /x\.ddl/],
    [
      'a DDL that needs a newer framework',
      { 'x.ddl': DDL('x', ['go'], 'requires :mcollective => "99.0"'), 'x.mjs': 'export default { actions: {} }' },
      /99\.0/,
    ],
    [
      'an action the DDL lacks',
      { 'x.ddl': DDL('x'), 'x.mjs': 'export default { actions: { other: () => {} } }' },
      /does not declare/,
    ],
    ['no actions', { 'x.ddl': DDL('x'), 'x.mjs': 'export default 7' }, /must export/],
    ['an exception at load', { 'x.ddl': DDL('x'), 'x.mjs': 'throw new Error("at load")' }, /at load/],
    ['Ruby', { 'x.ddl': DDL('x'), 'x.rb': 'module MCollective; end' }, /written in Ruby/],
    ['a directory without programs', { 'x.ddl': DDL('x'), 'x/readme.txt': '' }, /no program for any action \(go\)/],
  ]
  for (const [name, files, reason] of bad) {
    test(`refuses ${name}, and the other agents load`, () =>
      withLibdir(async ({ write, start }) => {
        for (const [file, text] of Object.entries(files)) write(`agent/${file}`, text)
        write('agent/zz.ddl', DDL('zz'))
        write('agent/zz.mjs', 'export default { actions: {} }')
        const { daemon } = await start()
        assert.deepEqual(
          daemon.node.agents().map((ddl) => ddl.name),
          ['zz'],
        )
        assert.match(daemon.node.warnings().join(), reason)
      }))
  }

  test('refuses code that every user can change', () =>
    withLibdir(async ({ write, start }) => {
      write('agent/x.ddl', DDL('x'))
      write('agent/x.mjs', 'export default { actions: {} }', 0o666)
      const { daemon } = await start()
      assert.match(daemon.node.warnings().join(), /can be changed by every user/)
    }))

  test('refuses code of others and of their groups', () =>
    withLibdir(async ({ write, start }) => {
      // Only root can give files away.
      if (process.getuid?.() !== 0) return
      for (const name of ['theirs', 'groups', 'mine']) {
        write(`agent/${name}.ddl`, DDL(name))
        write(`agent/${name}.mjs`, 'export default { actions: {} }')
      }
      chownSync(write('agent/theirs.mjs', 'export default { actions: {} }'), 1234, 0)
      const groups = write('agent/groups.mjs', 'export default { actions: {} }', 0o664)
      chownSync(groups, 0, 1234)
      const { daemon } = await start()
      assert.deepEqual(
        daemon.node.agents().map((ddl) => ddl.name),
        ['mine'],
      )
      assert.match(daemon.node.warnings().join('\n'), /changed by everyone in group 1234[\s\S]*belongs to user 1234/)
    }))

  test('a DDL alone is for clients and no error', () =>
    withLibdir(async ({ write, start }) => {
      write('agent/x.ddl', DDL('x'))
      const { daemon } = await start()
      assert.deepEqual([daemon.node.agents(), daemon.node.warnings()], [[], []])
    }))

  test('settings and the agent itself decide whether it is active', () =>
    withLibdir(async ({ write, start }) => {
      for (const name of ['off', 'unfit', 'fit']) {
        write(`agent/${name}.ddl`, DDL(name))
        write(
          `agent/${name}.mjs`,
          `export default { actions: {}, activate: (node) => node.identity !== '${name === 'unfit' ? 'node1.example.com' : ''}' }`,
        )
      }
      const { daemon } = await start({ registry: { activated: (name) => name !== 'off' } })
      assert.deepEqual(
        daemon.node.agents().map((ddl) => ddl.name),
        ['fit'],
      )
    }))

  test('agents that are of no use here say why, and are active as soon as they are', () =>
    withLibdir(async ({ start }) => {
      let installed = false
      const activate = () => installed || 'Puppet is not installed'
      const [one, two] = ['one', 'two'].map((name) => ({ ddl: agentDdl(name, ['go']), actions: {}, activate }))
      const silent = { ddl: agentDdl('silent', ['go']), actions: {}, activate: () => false }
      const { clock, daemon } = await start({ agents: { one: one!, two: two!, silent } })
      const names = () => daemon.node.agents().map((ddl) => ddl.name)
      const why = ['agents one, two are not active: Puppet is not installed']
      assert.deepEqual([names(), daemon.node.warnings()], [[], why])
      clock.advance(60_000)
      await new Promise(setImmediate)
      assert.deepEqual([names(), daemon.node.warnings()], [[], why])
      installed = true
      clock.advance(60_000)
      await new Promise(setImmediate)
      assert.deepEqual([names(), daemon.node.warnings()], [['one', 'two'], []])
    }))

  test('an agent on disk takes the place of a built-in one, which comes back when it fails', () =>
    withLibdir(async ({ write, start, libdir }) => {
      const builtIn = { svc: { ddl: agentDdl('svc', ['go']), actions: { go: () => ({ v: 'built in' }) } } }
      write('agent/svc.ddl', DDL('svc'))
      write('agent/svc.mjs', 'export default { actions: { go: () => ({ v: "on disk" }) } }')
      const { daemon, call } = await start({ agents: builtIn })
      const ask = async () => outputV((await call('go', {}, { agent: 'svc' })).answers())
      assert.equal(await ask(), 'on disk')
      rmSync(join(libdir, 'agent/svc.ddl'))
      await daemon.reloadAgents()
      assert.equal(await ask(), 'built in')
      write('agent/svc.ddl', 'broken')
      await daemon.reloadAgents()
      assert.equal(await ask(), 'built in')
      await assert.rejects(daemon.reloadAgent('nonsense'), /no nonsense\.ddl is found/)
    }))
})

describe('external actions', () => {
  const script = (body: string) => `#!/bin/sh\n${body}\n`

  test('get their request in a file, answer in a file, and see who calls', () =>
    withLibdir(async ({ write, start }) => {
      write('agent/ext.ddl', DDL('ext', ['go']))
      write(
        'agent/ext/go.sh',
        script(
          '[ "$1" = "$MCOLLECTIVE_REQUEST_FILE" ] && [ "$2" = "$MCOLLECTIVE_REPLY_FILE" ] && printf \'{"v":%s,"pwd":"%s","lc":"%s"}\' "$(cat "$1")" "$PWD" "$LC_ALL" > "$2"; echo hello; echo oops >&2',
        ),
        0o755,
      )
      const node = await start()
      const { request, answers } = await node.call('go', { msg: "it's; $(id)" }, { agent: 'ext' })
      const [answer] = (await answered(answers)) as RpcReplyBody[]
      assert.equal(answer?.statusCode, 0)
      assert.deepEqual(answer?.data.v, {
        agent: 'ext',
        action: 'go',
        data: { msg: "it's; $(id)", process_results: true },
        sender: 'client.example.com',
        callerid: 'uid=500',
        uniqid: request.id,
      })
      assert.equal(answer?.data.lc, 'C')
      assert.match(String(answer?.data.pwd), /mcollective-/)
      assert.ok(node.log.lines.some(({ level, message }) => level === 'info' && message === 'ext#go: hello'))
      assert.ok(node.log.lines.some(({ level, message }) => level === 'error' && message === 'ext#go: oops'))
    }))

  const outcomes: [body: string, expected: Partial<RpcReplyBody>][] = [
    [
      'echo oh no >&2; echo \'{"v":1}\' > "$2"; exit 3',
      { statusCode: 3, statusMessage: 'Failed to run go.sh: oh no', data: { v: 1 } },
    ],
    ['exit 77', { statusCode: 5, statusMessage: 'Failed to run go.sh: it ended with status 77' }],
    ['exit 0', { statusCode: 0, data: { v: null } }],
    ['echo nonsense > "$2"', { statusCode: 5 }],
    ['echo "[1]" > "$2"', { statusCode: 5, statusMessage: 'go.sh wrote a reply that is not a JSON object' }],
    ['rm "$2"; ln -s /etc/passwd "$2"', { statusCode: 5 }],
    [
      'head -c 6000000 /dev/zero > "$2"',
      { statusCode: 5, statusMessage: 'go.sh wrote a reply of 6000000 bytes; at most 5242880 are allowed' },
    ],
  ]
  for (const [body, expected] of outcomes) {
    test(`end as their status and reply say: ${body}`, () =>
      withLibdir(async ({ write, start }) => {
        write('agent/ext.ddl', DDL('ext', ['go']))
        write('agent/ext/go.sh', script(body), 0o755)
        const node = await start()
        const [answer] = (await answered((await node.call('go', {}, { agent: 'ext' })).answers)) as RpcReplyBody[]
        for (const [key, value] of Object.entries(expected)) assert.deepEqual({ ...answer }[key], value)
      }))
  }

  test('one program may serve all actions; what cannot be executed is code 1', () =>
    withLibdir(async ({ write, start, libdir }) => {
      write('agent/all.ddl', DDL('all', ['a', 'b']))
      write('agent/all/all.sh', script('echo "{\\"v\\":$(grep -c \'"action":"b"\' "$1")}" > "$2"'), 0o755)
      write('agent/all/a.txt', 'not executable', 0o644)
      const node = await start()
      const b = (await answered((await node.call('b', {}, { agent: 'all' })).answers)) as RpcReplyBody[]
      assert.equal(b[0]?.data.v, 1)
      const a = (await answered((await node.call('a', {}, { agent: 'all' })).answers)) as RpcReplyBody[]
      assert.deepEqual(
        [a[0]?.statusCode, a[0]?.statusMessage],
        [1, `Cannot execute all#a command: ${libdir}/agent/all/a.txt`],
      )
    }))

  test('are killed with all their children at the time-out', () =>
    withLibdir(async ({ write, start, libdir }) => {
      write('agent/ext.ddl', DDL('ext', ['go']))
      write('agent/ext/go.sh', script(`(sleep 1; touch ${libdir}/survived) & touch ${libdir}/began; wait`), 0o755)
      const node = await start()
      const { answers } = await node.call('go', {}, { agent: 'ext' })
      await systemAfter(200)
      node.clock.advance(5000)
      await node.settle()
      assert.equal((answers()[0] as RpcReplyBody).statusMessage, 'timed out after 5 s')
      await systemAfter(1200)
      const { existsSync } = await import('node:fs')
      assert.deepEqual([existsSync(`${libdir}/began`), existsSync(`${libdir}/survived`)], [true, false])
    }))
})

function systemAfter(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(ms, resolve))
}

async function answered(answers: () => readonly unknown[]): Promise<readonly unknown[]> {
  for (let n = 0; n < 200 && answers().length === 0; n++) await systemAfter(25)
  return answers()
}
