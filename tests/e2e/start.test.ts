// `npm start` as a newcomer meets it, in a host of its own so that default port, home and accounts are free to use: as root and
// as an ordinary user, twice, with things in its way, and killed in every manner.

import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLab, type ExecOptions } from '../../lab/lab.ts'

const NODE = '/opt/troupe/node_modules/.bin/node'
const START = [NODE, '/opt/troupe/scripts/start.mjs']
const RUNNING = 'Running. Ctrl-C stops everything.'

const lab = await createLab({ hosts: ['fresh.example.com'] })
after(() => lab.down())
const host = lab.host('fresh.example.com')
await host.run(['useradd', '--create-home', '--shell', '/bin/bash', 'alice'])

interface Started {
  readonly child: ChildProcess
  output(): string
  /** Exit code, when it has ended. */
  readonly ended: Promise<number | null>
}

/** Starts and waits until it says that it runs, or ends. */
async function start(words: readonly string[] = [], options: ExecOptions = {}): Promise<Started> {
  const child = host.spawn([...START, ...words], options)
  let text = ''
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  await new Promise<void>((resolve) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        if (text.includes(RUNNING)) resolve()
      })
    }
    void ended.then(() => resolve())
  })
  return { child, output: () => text, ended }
}

const processes = async (): Promise<string> => (await host.exec(['pgrep', '-fa', 'dist/main/'])).stdout

async function untilNoProcesses(): Promise<void> {
  for (let i = 0; i < 150 && (await processes()) !== ''; i++) await sleep(100)
  assert.equal(await processes(), '')
}

/** Ctrl-C: the signal goes to the program in the foreground. */
const interrupt = (): Promise<string> => host.run(['pkill', '-INT', '-f', 'dist/main/up.mjs'])

test('npm start shows a working collective, mco needs no options, Ctrl-C ends all of it', async () => {
  for (const user of ['root', 'alice']) {
    const started = await start([], { user })
    assert.match(started.output(), /Made keys, certificates and configuration in \S+\/\.troupe\n/)
    assert.match(started.output(), /\$ mco ping\nfresh.example.com +time=\d+\.\d\d ms\n/)
    assert.match(started.output(), /\$ mco find\nfresh.example.com\n/)
    assert.match(started.output(), /Inventory for fresh.example.com:[\s\S]+Facts:[\s\S]+\.\.\. \d+ more/)
    assert.match(started.output(), /^ {2}bin\/mco rpc rpcutil/m)
    assert.match(started.output(), /^Console https:\/\/127\.0\.0\.1:4433\/sign-in#token=[\w-]{43} \(once, /m)
    assert.equal(await host.run(['mco', 'find'], { user }), 'fresh.example.com\n')
    await interrupt()
    assert.equal(await started.ended, 0, started.output())
    assert.equal(await processes(), '')
  }
})

test('npm start a second time uses what is there, with more nodes to try filters on', async () => {
  const started = await start(['--nodes', '5'])
  assert.match(started.output(), /Using keys, certificates and configuration in \/root\/\.troupe\n/)
  const redhat = await host.run(['mco', 'find', '-F', 'osfamily=RedHat', '-C', 'base'])
  assert.deepEqual(redhat.trim().split('\n').sort(), ['app1.example.com', 'web1.example.com'])
  const again = await host.exec(START)
  assert.equal(again.code, 1)
  assert.match(
    again.stderr,
    /^a collective already runs from \/root\/\.troupe \(process \d+\): .* \[SETUP_ALREADY_RUNNING\]\n$/,
  )
  await interrupt()
  assert.equal(await started.ended, 0)
  assert.equal(await processes(), '')
})

test('npm start goes on when mco controller exit takes one node out of the collective', async () => {
  const started = await start(['--nodes', '1'])
  const mco = (...words: string[]) => host.run(['/opt/troupe/bin/mco', ...words])
  const nodes = (await mco('find', '--sort')).trim().split('\n')
  const extra = nodes.find((name) => name !== 'fresh.example.com') as string
  assert.match(await mco('controller', 'exit', '-I', extra), /exiting after request to controller/)
  for (let i = 0; i < 50 && !started.output().includes('has left the collective'); i++) await sleep(100)
  assert.match(started.output(), new RegExp(`The node ${extra} has left the collective.`))
  assert.equal(await mco('find'), 'fresh.example.com\n')
  await interrupt()
  assert.equal(await started.ended, 0)
  await untilNoProcesses()
})

test('npm start leaves nothing running when it is killed, and starts again over what it left', async () => {
  const started = await start()
  assert.ok(started.output().includes(RUNNING), started.output())
  await host.run(['pkill', '-KILL', '-f', 'dist/main/up.mjs'])
  assert.notEqual(await started.ended, 0)
  await untilNoProcesses()
  const again = await start()
  assert.ok(again.output().includes(RUNNING), again.output())
  await host.run(['pkill', '-KILL', '-f', 'scripts/start.mjs'])
  await again.ended
  await untilNoProcesses()
})

test('npm start says which program ended and shows its last log lines', async () => {
  const started = await start(['--nodes', '1'])
  await host.run(['pkill', '-KILL', '-f', 'nodes/web1.example.com/server.cfg'])
  assert.equal(await started.ended, 1)
  assert.match(
    started.output(),
    /the node web1.example.com was ended by SIGKILL; the end of \S+mcollective.log:\n( {4}.+\n)+/,
  )
  assert.match(started.output(), /\[SETUP_PROGRAM_FAILED\]/)
  assert.equal(await processes(), '')
})

test('npm start names what is in its way in one sentence and what to do', async () => {
  const listen = "require('node:net').createServer().listen(61613, '127.0.0.1', () => console.log('up'))"
  const other = host.spawn([NODE, '-e', listen])
  await new Promise((resolve) => other.stdout!.once('data', resolve))
  const sentences: [words: string[], RegExp][] = [
    [[], /^cannot start the broker on 127\.0\.0\.1:61613 \(EADDRINUSE\): stop .*--port 61614 \[SETUP_PORT_IN_USE\]$/m],
    [['--dir', '/etc/hostname'], /^cannot keep keys .*\/etc\/hostname.* --dir \[SETUP_UNWRITABLE\]$/m],
    [['--dir', '/etc'], /^will not keep keys .* something else; .*--dir \[SETUP_FOREIGN_DIRECTORY\]$/m],
    [['--dir', '/home/alice/.troupe'], /^will not keep keys .* belongs to user \d+; .* \[SETUP_UNSAFE_DIRECTORY\]$/m],
    [['--port', '0'], /^cannot start: --port is '0' and must be a number from 1 to 65535/m],
    [['--nodes', '-1'], /^cannot start: .*--help/m],
    [['--bogus'], /^cannot start: .*--bogus.*--help/m],
  ]
  for (const [words, sentence] of sentences) {
    const { code, stdout, stderr } = await host.exec([...START, ...words])
    assert.equal(code, 1, stdout)
    assert.match(stderr, sentence)
    assert.doesNotMatch(stderr, /^ {4}at /m)
  }
  other.kill('SIGKILL')
})

test('npm start on an old Node says which one it needs', async () => {
  const old = "data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '18.19.0' } })"
  const { code, stderr } = await host.exec([NODE, '--import', old, START[1]!])
  assert.equal(code, 1)
  assert.match(stderr, /^Troupe needs Node 20 or newer to start and this is Node 18\.19\.0: install .*\n$/)
})
