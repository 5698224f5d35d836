// The agent puppetral and its worker against the real Puppet of this machine, which is installed when there is none: what it finds, changes
// and refuses, that it leaves no trace in what the Puppet agent says of its runs, and how it takes faults. Speeds are printed, not judged.
// [agents 9, 9.1]

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createPuppetralAgent } from '../../src/agents/puppetral/puppetral.ts'
import { callAction, ddlOf, nodeView } from '../../src/agents/test-view.ts'
import { systemClock } from '../../src/base/clock.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import { createHost } from '../../src/daemon/host.ts'
import type { Value, Values } from '../../src/message/request.ts'
import { createLocalMachine } from '../../src/puppet/agent/local-machine.ts'
import { openRal } from '../../src/puppet/ral/open-ral.ts'
import type { Agent } from '../../src/rpc/agent.ts'
import { ensurePackage } from '../debian-package.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('../../src/puppet/ral/ral-worker.rb', import.meta.url))
const machine = createLocalMachine(createHost().run)
const warnings: string[] = []
const log: Log = { ...silentLog, warn: (message) => void warnings.push(message) }
const access = openRal({ machine, clock: systemClock, log, script })

let agent: Agent
let folder: string
/** Puppet's settings by name. */
let settings: ReadonlyMap<string, string>

before(async () => {
  await ensurePackage('puppet-agent', '/usr/bin/puppet')
  folder = mkdtempSync(join(tmpdir(), 'troupe-puppetral-test-'))
  const names = ['lastrunfile', 'lastrunreport', 'statefile', 'transactionstorefile', 'resourcefile', 'libdir']
  const { stdout } = await run('puppet', ['config', 'print', ...names])
  settings = new Map(stdout.split('\n').map((line) => line.split(' = ') as [string, string]))
  agent = createPuppetralAgent(ddlOf('puppetral'), access, log)
  assert.equal(await agent.activate?.(nodeView()), true)
})

after(async () => {
  await agent.stop?.()
  rmSync(folder, { recursive: true, force: true })
})

const node = nodeView()
const find = (type: string, title: string, more: Values = {}) => ask('find', { type, title, ...more })
const create = (type: string, title: string, more: Values = {}) => ask('create', { type, title, ...more })
async function ask(action: string, data: Values): Promise<Values> {
  return (await callAction(agent, action, data, node)) as Values
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const startMs = performance.now()
  return [await work(), performance.now() - startMs]
}

/** Process ids of workers that this process has started. */
function workers(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
        return parent === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('ral-worker')
      } catch {
        return false
      }
    })
    .map(Number)
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe('puppetral with a real Puppet', () => {
  test('find a file: properties as in the document [R-083, R-084, R-085]', async () => {
    const path = join(folder, 'hello')
    writeFileSync(path, 'Hello\n', { mode: 0o644 })
    const { parameters, managed, ...rest } = await find('file', path)
    assert.deepEqual(rest, { exported: false, title: path, tags: ['file'], type: 'File' })
    assert.ok(managed === false || managed === 'unknown', 'Puppet has never heard of it')
    const { ctime, mtime, content, ...others } = parameters as Values
    assert.deepEqual(others, { ensure: 'file', group: 0, owner: 0, mode: '0644', type: 'file' })
    assert.match(String(content), new RegExp(createHash('sha256').update('Hello\n').digest('hex')))
    for (const time of [ctime, mtime]) assert.match(String(time), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}$/)
  })

  test('find a user: what `puppet resource` says, the password masked unless it is revealed', async () => {
    const { parameters } = (await find('user', 'root')) as { parameters: Values }
    assert.deepEqual(
      [parameters.ensure, parameters.uid, parameters.gid, parameters.home, parameters.password],
      ['present', 0, 0, '/root', '*****'],
    )
    assert.equal(parameters.provider, undefined)
    assert.equal(typeof parameters.password_max_age, 'number')
    const open = nodeView({ setting: (name) => (name === 'puppetral.reveal_sensitive' ? 'yes' : undefined) })
    const revealed = await callAction(agent, 'find', { type: 'user', title: 'root', reveal: true }, open)
    assert.notEqual(((revealed?.parameters ?? {}) as Values).password, '*****')
  })

  test('find a package: version and provider', async () => {
    const { parameters } = (await find('package', 'bash')) as { parameters: Values }
    const { stdout } = await run('dpkg-query', ['-W', '-f', `\${Version}`, 'bash'])
    assert.deepEqual([parameters.ensure, parameters.provider], [stdout, 'apt'])
    assert.ok(['none', 'manual'].includes(String(parameters.mark)))
  })

  test('an absent resource is found as absent', async () => {
    assert.deepEqual((await find('user', 'no-such-user')).parameters, { ensure: 'absent' })
    assert.deepEqual((await find('file', join(folder, 'nothing'))).parameters, { ensure: 'absent' })
    const { parameters } = (await find('package', 'no-such-package', { provider: 'apt' })) as { parameters: Values }
    assert.match(String(parameters.ensure), /^(absent|purged)$/)
  })

  test('an unknown type is code 5, also when it tries to be a path', async () => {
    for (const type of ['nosuch', '../../../etc/passwd', 'component', 'x'.repeat(90), 'a b', 'file\n', 'ünïcode']) {
      const wanted = { statusCode: 5, message: `Could not find type ${type}` }
      await assert.rejects(find(type, 'x'), wanted)
      await assert.rejects(ask('search', { type }), wanted)
      await assert.rejects(create(type, 'x'), wanted)
    }
  })

  test('a title that Puppet refuses is code 1 with its reason', async () => {
    await assert.rejects(find('file', 'relative'), { statusCode: 1, message: /File paths must be fully qualified/ })
  })

  test('search gives every user, sorted', async () => {
    const { result } = (await ask('search', { type: 'user' })) as { result: Values[] }
    const names = readFileSync('/etc/passwd', 'utf8').split('\n').filter(Boolean)
    assert.deepEqual(
      result.map((user) => user.title),
      names.map((line) => line.split(':')[0]).sort(),
    )
    assert.ok(result.every((user) => user.type === 'User' && (user.parameters as Values).password === '*****'))
  })

  test('search gives every package of the system', async () => {
    const { result } = (await ask('search', { type: 'package', provider: 'apt' })) as { result: Values[] }
    const { stdout } = await run('dpkg-query', ['-W', '-f', `\${db:Status-Abbrev} \${Package}\\n`], {
      maxBuffer: 16 * 1024 * 1024,
    })
    const installed = new Set(
      stdout
        .split('\n')
        .filter((line) => line.startsWith('ii'))
        .map((line) => line.slice(3).trim()),
    )
    const found = new Set(result.map((resource) => resource.title))
    for (const name of installed) assert.ok(found.has(name), name)
    const { managed, ...bash } = await find('package', 'bash', { provider: 'apt' })
    assert.deepEqual(
      { ...bash, managed },
      result.find((resource) => resource.title === 'bash'),
    )
  })

  test('search gives packages of all providers, what was remembered included, and notices new ones', async () => {
    const titles = async () => ((await ask('search', { type: 'package' })).result as Values[]).map(({ title }) => title)
    const first = await titles()
    assert.deepEqual(await titles(), first)
    if (!existsSync('/usr/bin/pip')) return
    const folders = await run('/usr/bin/python3', ['-c', 'import site; print(site.getsitepackages()[0])'])
    const probe = join(folders.stdout.trim(), 'troupe_probe-1.0.dist-info')
    mkdirSync(probe, { recursive: true })
    try {
      writeFileSync(join(probe, 'METADATA'), 'Metadata-Version: 2.1\nName: troupe-probe\nVersion: 1.0\n')
      assert.deepEqual(
        (await titles()).filter((title) => !first.includes(title)),
        ['troupe-probe'],
      )
      assert.equal(((await find('package', 'troupe-probe')).parameters as Values).ensure, '1.0')
    } finally {
      rmSync(probe, { recursive: true })
    }
    assert.deepEqual(await titles(), first)
    assert.match(String(((await find('package', 'troupe-probe')).parameters as Values).ensure), /^(absent|purged)$/)
  })

  test('managed is what the last catalogue says [R-086]', async () => {
    const path = settings.get('resourcefile') as string
    const [was, mine] = [existsSync(path) ? readFileSync(path) : undefined, join(folder, 'Managed')]
    mkdirSync(join(path, '..'), { recursive: true })
    try {
      writeFileSync(path, `file[${mine.toLowerCase()}]\nuser[root]\n`)
      assert.equal((await find('file', mine)).managed, true)
      assert.equal((await find('file', '/etc/passwd')).managed, false)
      rmSync(path)
      assert.equal((await find('file', mine)).managed, 'unknown')
    } finally {
      if (was) writeFileSync(path, was)
    }
  })

  test('create runs the exec of the document and gives its screen [R-077, R-081]', async () => {
    const path = join(folder, 'exec-hello')
    const title = `/bin/bash -c 'echo Hello > ${path}'`
    assert.deepEqual(await create('exec', title), {
      status: 'Resource was created',
      resource: { exported: false, title, parameters: { returns: 'notrun' }, tags: ['exec'], type: 'Exec' },
    })
    assert.equal(readFileSync(path, 'utf8'), 'Hello\n')
  })

  test('create makes a file, changes it, removes it, and reads the state back', async () => {
    const path = join(folder, 'created')
    const made = await create('file', path, { ensure: 'file', content: '{"a": [1]}', mode: '0600' })
    assert.equal(readFileSync(path, 'utf8'), '{"a": [1]}')
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.deepEqual(((made.resource as Values).parameters as Values).mode, '0600')
    await create('file', path, { parameters: { mode: '0640' } })
    assert.equal(statSync(path).mode & 0o777, 0o640)
    const gone = await create('file', path, { ensure: 'absent' })
    assert.deepEqual((gone.resource as Values).parameters, { ensure: 'absent' })
    assert.equal(existsSync(path), false)
  })

  test('create that fails is code 1 with the message of its first failing event [A2]', async () => {
    await assert.rejects(create('exec', '/bin/false'), {
      ...{ statusCode: 1, message: /'\/bin\/false' returned 1 instead of one of \[0\]/ },
    })
    await assert.rejects(create('file', '/proc/nothing/here', { ensure: 'file' }), { statusCode: 1, message: /failed/ })
    await assert.rejects(create('file', '/tmp/x', { nosuch: 'y' }), { statusCode: 1, message: /no parameter named/ })
    await assert.rejects(create('exec', 'no path'), { statusCode: 1 })
    await assert.rejects(create('file', '/tmp/x', { require: 'File[/nowhere]' }), { statusCode: 1 })
  })

  test('noop says what would happen and does nothing', async () => {
    const path = join(folder, 'noop')
    const outputs = await create('exec', `/usr/bin/touch ${path}`, { noop: true })
    assert.equal(outputs.status, 'Resource would be created')
    assert.equal(existsSync(path), false)
    const file = await create('file', path, { noop: true, ensure: 'file', content: 'x' })
    assert.deepEqual(
      (file.events as Values[]).map((event) => [event.property, event.status]),
      [['ensure', 'noop']],
    )
    assert.equal(existsSync(path), false)
    assert.equal((await create('user', 'root', { noop: true, ensure: 'present' })).status, 'Nothing would change')
  })

  test('avoid_conflict leaves out a value that somebody has', async () => {
    const outputs = await create('user', 'troupe-nobody', {
      ...{ ensure: 'present', uid: '0', avoid_conflict: 'uid', noop: true, parameters: { allowdupe: true } },
    })
    assert.equal(outputs.status, 'Resource would be created')
    // The resource exists: nothing of it may change.
    const same = await create('user', 'root', { uid: '4711', avoid_conflict: 'uid', noop: true })
    assert.equal(same.status, 'Nothing would change')
    assert.equal((await create('user', 'root', { uid: '4711', noop: true })).status, 'Resource would be created')
  })

  test('titles with blanks, quotes, newlines, UTF-8 and 10 kB are just titles', async () => {
    const marker = join(folder, 'must-not-exist')
    const names = ['a b', `q'"\`$(touch ${marker})`, 'x;y&z|', 'zwei\nzeilen', 'ünïcødé ✓ 日本', '-oDebug::x', '#{1+1}']
    for (const name of names.map((one) => one.replaceAll('/', '_'))) {
      const path = join(folder, name)
      await create('file', path, { ensure: 'file', content: name })
      assert.equal(readFileSync(path, 'utf8'), name)
      assert.equal((await find('file', path)).title, path)
    }
    for (const title of ['; rm', 'zwei\nzeilen', '-oDebug::x', 'é'.repeat(5_000)]) {
      const { parameters } = (await find('user', title)) as { parameters: Values }
      assert.deepEqual(parameters, { ensure: 'absent' })
    }
    const long = `/bin/echo ${'x'.repeat(10_240)}`
    assert.equal(((await create('exec', long)).resource as Values).title, long)
    assert.equal(existsSync(marker), false)
  })

  test('titles and parameters that no system takes are code 1, and cost no worker', async () => {
    await find('user', 'root')
    const before = workers()
    const lone = String.fromCharCode(0xd800)
    for (const bad of [`${folder}/a\0b`, `${folder}/${'n'.repeat(300)}`]) {
      await assert.rejects(create('file', bad, { ensure: 'file' }), { statusCode: 1 }, JSON.stringify(bad.slice(-9)))
    }
    await assert.rejects(create('exec', '/bin/echo \0'), { statusCode: 1 })
    await assert.rejects(create('file', `${folder}/x`, { [`a\0${lone}`]: 'y' }), { statusCode: 1 })
    await assert.rejects(create('file', `${folder}/x`, { parameters: { mode: { a: [null] } } }), { statusCode: 1 })
    let deep: Value = 'x'
    for (let i = 0; i < 100; i++) deep = [deep]
    const unread = { statusCode: 1, message: /the question cannot be read/ }
    await assert.rejects(create('file', `${folder}/x`, { parameters: { mode: deep } }), unread)
    assert.equal((await find('user', lone)).title, '\uFFFD')
    await assert.rejects(ask('search', { type: 'file' }), { statusCode: 1, message: /Listing all file instances/ })
    assert.deepEqual(workers(), before)
  })

  test('what is printed on standard output by anything reaches nobody', async () => {
    const outputs = await create('exec', '/bin/bash -c "echo out; echo err >&2"', { logoutput: 'true' })
    assert.equal(outputs.status, 'Resource was created')
    assert.equal((await find('user', 'root')).title, 'root')
  })

  test('the files in which the Puppet agent tells of its runs stay as they are [B-013, A7]', async () => {
    const names = ['lastrunfile', 'lastrunreport', 'statefile', 'transactionstorefile'] as const
    const made = names.filter((name) => !existsSync(settings.get(name) as string))
    for (const name of made) {
      mkdirSync(join(settings.get(name) as string, '..'), { recursive: true })
      writeFileSync(settings.get(name) as string, '--- {}\n')
    }
    const state = () =>
      names.map((name) => {
        const { mtimeMs, ino } = statSync(settings.get(name) as string)
        return [mtimeMs, ino, readFileSync(settings.get(name) as string, 'utf8')]
      })
    try {
      const was = state()
      await create('exec', '/bin/true')
      await create('exec', '/bin/true', { noop: true })
      await assert.rejects(create('exec', '/bin/false'))
      await find('user', 'root')
      assert.deepEqual(state(), was)
    } finally {
      for (const name of made) rmSync(settings.get(name) as string)
    }
  })

  test('a worker that is killed in the middle of a create is told of, and the next question is served', async () => {
    const begun = join(folder, 'begun')
    const answer = create('exec', `/bin/bash -c 'touch ${begun}; sleep 2'`)
    const outcome = assert.rejects(answer, { statusCode: 1, message: /worker died at create: it ended with SIGKILL/ })
    await until(() => existsSync(begun))
    const [pid] = workers()
    assert.ok(pid)
    process.kill(pid, 'SIGKILL')
    await outcome
    assert.equal((await find('user', 'root')).title, 'root')
    assert.notDeepEqual(workers(), [pid])
  })

  test('an action that is cancelled takes along what it has started', async () => {
    const [begun, late] = [join(folder, 'begun2'), join(folder, 'late')]
    const abort = new AbortController()
    const work = access.ral.create(
      { type: 'exec', title: `/bin/bash -c 'touch ${begun}; sleep 1; touch ${late}'`, parameters: {} },
      { signal: abort.signal },
    )
    const outcome = assert.rejects(work, { code: 'RPC_PUPPET_WORKER', message: /create was given up: enough/ })
    await until(() => existsSync(begun))
    abort.abort(new Error('enough'))
    await outcome
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    assert.equal(existsSync(late), false)
  })

  test('a type that is distributed later is known at the next question', async () => {
    const lib = settings.get('libdir') as string
    const folderOfTypes = join(lib, 'puppet', 'type')
    const was = existsSync(lib)
    mkdirSync(folderOfTypes, { recursive: true })
    const file = join(folderOfTypes, 'troupe_probe.rb')
    try {
      await assert.rejects(find('troupe_probe', 'x'), { statusCode: 5 })
      writeFileSync(
        file,
        "Puppet::Type.newtype(:troupe_probe) do\n newparam(:name, namevar: true)\n newproperty(:answer) { def retrieve; puts 'noise'; 42; end }\nend\n",
      )
      assert.deepEqual((await find('troupe_probe', 'x')).parameters, { answer: 42 })
      writeFileSync(file, 'Puppet::Type.newtype(:troupe_probe) do\n newparam(:name, namevar: true)\n exit 7\nend\n')
      await assert.rejects(find('troupe_probe', 'x'), { statusCode: 1 })
      assert.equal((await find('user', 'root')).title, 'root')
    } finally {
      rmSync(was ? file : lib, { recursive: true, force: true })
    }
  })

  test('many at once are answered one after the other', async () => {
    const found = await Promise.all(Array.from({ length: 20 }, (_, i) => find('user', i % 2 ? 'root' : 'daemon')))
    assert.ok(found.every(({ title }, i) => title === (i % 2 ? 'root' : 'daemon')))
    assert.equal(workers().length, 1)
  })

  test('two operators at once on one resource: one after the other, each with a true answer', async () => {
    const path = join(folder, 'contested')
    const digest = (content: string) => createHash('sha256').update(content).digest('hex')
    const wanted = ['a', 'b'].map((letter) => letter.repeat(100_000))
    const answers = await Promise.all(wanted.map((content) => create('file', path, { ensure: 'file', content })))
    for (const [i, content] of wanted.entries()) {
      const { status, resource } = answers[i] as { status: string; resource: { parameters: Values } }
      assert.equal(status, 'Resource was created')
      assert.match(String(resource.parameters.content), new RegExp(digest(content)))
    }
    assert.equal(readFileSync(path, 'utf8'), wanted[1], 'who came last is whose it is, and nothing is mixed')
    const [made, gone] = await Promise.all([
      create('file', path, { ensure: 'file' }),
      create('file', path, { ensure: 'absent' }),
    ])
    assert.deepEqual((gone.resource as Values).parameters, { ensure: 'absent' })
    assert.equal(((made.resource as Values).parameters as Values).ensure, 'file')
    assert.equal(existsSync(path), false)
  })

  test('a Puppet that cannot be loaded is told of, and the next question tries again', async () => {
    const library = join(folder, 'broken')
    mkdirSync(library)
    const ruby = join(folder, 'ruby')
    writeFileSync(ruby, `#!/bin/sh\nRUBYLIB=${library} exec ruby "$@"\n`, { mode: 0o755 })
    const other = openRal({ machine: createLocalMachine(createHost().run), clock: systemClock, log: silentLog, script })
    assert.equal(await other.unavailable(ruby), undefined)
    const broken = createPuppetralAgent(ddlOf('puppetral'), other, silentLog)
    const ask = () => callAction(broken, 'find', { type: 'user', title: 'root' })
    for (const [text, told] of [
      ["raise LoadError, 'cannot load such file -- concurrent'", /could not be started: .*concurrent/],
      ['def x', /could not be started: .*syntax error|could not be started: /],
      ["raise Errno::EISDIR, 'puppet.conf'", /could not be started: .*Is a directory - puppet\.conf/],
      ['exit 3', /could not be started: it ended with status 3/],
      ["$stdout.puts 'Hello'; STDOUT.flush; exit 0", /could not be started: it ended with status 0/],
    ] as const) {
      writeFileSync(join(library, 'puppet.rb'), `${text}\n`)
      await assert.rejects(ask(), { statusCode: 1, message: told }, text)
    }
    rmSync(join(library, 'puppet.rb'))
    assert.equal((await ask())?.title, 'root')
    await other.stop()
  })

  test('stop leaves no process and no folder behind', async () => {
    await find('user', 'root')
    await agent.stop?.()
    await until(() => workers().length === 0)
    assert.deepEqual(
      readdirSync(tmpdir()).filter((name) => name.startsWith('troupe-ral-')),
      [],
    )
  })

  test('speed: figures for the reader', async (t) => {
    const [, cold] = await timed(() => find('user', 'root'))
    const warm: number[] = []
    for (let i = 0; i < 20; i++) warm.push((await timed(() => find('user', 'root')))[1])
    const [, exec] = await timed(() => create('exec', '/bin/true'))
    await find('package', 'bash')
    const [, one] = await timed(() => find('package', 'bash'))
    const [all, apt] = await timed(() => ask('search', { type: 'package', provider: 'apt' }))
    const [, resource] = await timed(() => run('puppet', ['resource', 'user', 'root']))
    const median = warm.sort((a, b) => a - b)[10] as number
    t.diagnostic(
      `${hostname()}: find user cold ${cold.toFixed(0)} ms, warm ${median.toFixed(1)} ms; puppet resource ${resource.toFixed(0)} ms, ` +
        `${(resource / median).toFixed(0)} times; create exec ${exec.toFixed(0)} ms; find package ${one.toFixed(0)} ms; ` +
        `${(all.result as unknown[]).length} packages in ${apt.toFixed(0)} ms`,
    )
    await agent.stop?.()
  })
})
