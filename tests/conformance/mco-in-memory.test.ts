// Rules of whole commands that a screen does not show: times, what was written to files, which stream something went to.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Collective, startCollective } from './mco-in-memory.ts'

let collective: Collective
before(async () => {
  collective = await startCollective([
    { identity: 'a.example.com', facts: { osfamily: 'Debian' }, classes: [] },
    { identity: 'b.example.com', facts: { osfamily: 'RedHat' }, classes: [] },
  ])
})
after(() => collective.stop())

/** Milliseconds of the collective's clock that a command takes. */
async function timed(words: readonly string[], interrupts: readonly number[] = []) {
  const startMs = collective.clock.now()
  const ran = await collective.run(words, { interrupts })
  return { ...ran, tookMs: collective.clock.now() - startMs }
}

test('mco: Ctrl-C while nodes are still being chosen for a batch ends the command then', async () => {
  const { tookMs, code } = await timed(['rpc', 'rpcutil', 'ping', '--batch', '1', '-I', '/nosuch/'], [300])
  assert.ok(tookMs < 600, `took ${tookMs} ms`)
  assert.equal(code, 1)
})

test('mco find: Ctrl-C ends the search; who has answered is printed', async () => {
  const { tookMs, code, stdout } = await timed(
    ['find', '--dt', '20', '-t', '20', '-I', 'ghost', '-I', 'a.example.com'],
    [500],
  )
  assert.ok(tookMs < 1000, `took ${tookMs} ms`)
  assert.equal(stdout, 'a.example.com\n')
  assert.equal(code, 0)
})

test('mco ping: Ctrl-C between rounds of --count ends it', async () => {
  const { tookMs, stdout, code } = await timed(['ping', '--count', '100'], [1000])
  assert.ok(tookMs < 3000, `took ${tookMs} ms`)
  assert.equal(stdout.split('ping statistics').length, 2)
  assert.equal(code, 0)
})

test('mco ping is not done in batches, whatever the setting says', async () => {
  const startMs = collective.clock.now()
  const { code, stdout } = await collective.run(['ping', '-t', '3'], { batchSize: 1, settings: { batched: true } })
  assert.equal(code, 0)
  assert.match(stdout, /^2 replies/m)
  assert.ok(collective.clock.now() - startMs < 3500)
})

test('mco rpc -v: discovery and agent time of a limited call add up to the total', async () => {
  const { stdout } = await collective.run(['rpc', 'rpcutil', 'ping', '-1', '-v', '-j'])
  const { summary } = JSON.parse(stdout)
  assert.equal(summary.discoveryMs + summary.agentMs, summary.totalMs)
  assert.equal(summary.targeted, 1)
})

test('mco --json keeps standard output to one document whatever happens [B-006]', async () => {
  for (const words of [
    ['ping'],
    ['ping', '-v', '-F', 'osfamily=None'],
    ['find', '-v'],
    ['facts', 'osfamily', '-v'],
    ['inventory', 'a.example.com'],
    ['inventory', '--lc', '-v'],
    ['inventory', '--format', '{identity}'],
    ['inventory', '--map', 'x.dot'],
    ['rpc', 'rpcutil', 'ping', '-I', 'ghost.example.com'],
    ['rpc', 'rpcutil', 'ping', '-v', '-F', 'osfamily=None'],
    ['rpc', 'rpcutil', 'ping', '--nr'],
    ['controller', 'stats', '-v'],
    ['controller', 'stats', '-F', 'osfamily=None'],
    ['help'],
    ['help', 'rpc'],
    ['help', 'rpcutil'],
    ['plugin', 'doc'],
    ['plugin', 'doc', 'rpcutil'],
    ['plugin', 'generate', 'agent', 'x'],
    ['completion', '--list-agents'],
    ['describe_filter', '-C', 'x'],
  ]) {
    const { stdout } = await collective.run([...words, '--json'])
    assert.doesNotThrow(() => JSON.parse(stdout), `mco ${words.join(' ')}: ${stdout}`)
    assert.equal(stdout.split('\n').length, 2, `mco ${words.join(' ')}`)
  }
})

test('mco --json on a terminal is indented, and its bar and discovery line are off [M-026]', async () => {
  const { screen } = await collective.run(['rpc', 'rpcutil', 'ping', '-1', '-j'], { columns: 100 })
  assert.ok(screen.startsWith('[\n  {\n    "agent": "rpcutil",'), screen)
})

test('mco inventory --map writes a graph of members by collective [M-007]', async () => {
  const { written } = await collective.run(['inventory', '--map', 'collectives.dot'])
  assert.equal(
    written.get('collectives.dot'),
    'graph {\n  subgraph "mcollective" {\n    "a.example.com" -- "mcollective";\n    "b.example.com" -- "mcollective";\n  }\n}\n',
  )
})

test('mco errors with -v show the code and a back trace, and no hint', async () => {
  const { stderr, code } = await collective.run(['rpc', 'nosuch', 'x', '-v'])
  assert.match(
    stderr,
    /application failed to run: Can't find DDL[^\n]*\n\nError code DDL_NOT_FOUND, [^\n]*\n\n.*Error: /,
  )
  assert.equal(code, 1)
})

test('mco: what an operator types cannot steer the terminal through an error message', async () => {
  const { stderr } = await collective.run(['\u001b[2Jx'])
  assert.ok(!stderr.includes('\u001b'), stderr)
})

const ASKED = /Do you really want to call \S+ \S+ on all nodes\? \(y\/n\): /

test('mco: what changes every node asks first on a terminal; y goes on, anything else does nothing [B-026]', async () => {
  const restart = ['rpc', 'service', 'restart', 'service=sshd', '--display', 'all', '--color', 'never']
  const yes = await collective.run(restart, { columns: 80, typed: 'y\n' })
  assert.match(yes.stderr, ASKED)
  assert.equal(yes.code, 0)
  assert.match(yes.stdout, /2 \/ 2 hosts/)
  for (const typed of ['n\n', '', 'yellow\n']) {
    const no = await collective.run(restart, { columns: 80, typed })
    assert.deepEqual([no.code, no.stdout], [1, ''])
    assert.match(no.stderr, ASKED)
  }
})

test('mco does not ask with a filter, a list, --yes or --noop, for actions that look, nor where nobody sits [R-091]', async () => {
  const restart = ['rpc', 'service', 'restart', 'service=sshd', '--color', 'never']
  for (const words of [
    [...restart, '-F', 'osfamily=Debian'],
    [...restart, '--nodes', 'list'],
    [...restart, '-y'],
    [...restart, '--noop'],
    ['rpc', 'service', 'status', 'service=sshd'],
    ['rpc', 'rpcutil', 'ping'],
    ['puppetd', 'status'],
  ]) {
    const { stderr } = await collective.run(words, { columns: 80, files: { list: 'a.example.com\n' } })
    assert.doesNotMatch(stderr, /really/, words.join(' '))
  }
  const always = await collective.run(restart, { columns: 80, env: { MCOLLECTIVE_EXTRA_OPTS: '--yes' } })
  assert.equal(always.code, 0)
  const script = await collective.run(restart)
  assert.equal(script.code, 0)
  const piped = await collective.run(restart, { columns: 80, stdin: '["a.example.com"]' })
  assert.match(piped.stdout, /1 \/ 1 hosts/)
})

test('mco puppet, puppetd: runs of every node ask first, a try does not', async () => {
  for (const words of [
    ['puppetd', 'runonce'],
    ['puppetd', 'runall', '1'],
    ['puppet', 'disable'],
    ['puppet', 'runall', '1'],
  ]) {
    const { stderr, code } = await collective.run(words, { columns: 80 })
    assert.match(stderr, ASKED, words.join(' '))
    assert.equal(code, 1)
  }
  for (const words of [
    ['puppet', 'runonce', '--noop'],
    ['puppet', 'runall', '1', '--noop'],
  ])
    assert.doesNotMatch((await collective.run(words, { columns: 80 })).stderr, /really/)
})

test('mco rpc --noop: says per node what would change and changes nothing', async () => {
  const { stdout } = await collective.run(['rpc', 'service', 'stop', 'service=sshd', '--noop', '-j'])
  for (const { data } of JSON.parse(stdout)) {
    const changes = [{ action: 'stop', service: 'sshd', from: 'running', to: 'stopped' }]
    assert.deepEqual(data, { status: 'running', known: true, changes })
  }
  const status = await collective.run(['rpc', 'service', 'status', 'service=sshd', '-j'])
  assert.ok(JSON.parse(status.stdout).every(({ data }: { data: { status: string } }) => data.status === 'running'))
})

test('mco controller exit: the nodes answer, leave, and are gone from ping [M-020, B-026]', async () => {
  const gone = await startCollective([
    { identity: 'a.example.com', facts: {}, classes: [] },
    { identity: 'b.example.com', facts: {}, classes: [] },
  ])
  try {
    const { screen, code } = await gone.run(['controller', 'exit', '-I', 'b.example.com'])
    assert.equal(code, 0)
    assert.match(screen, /b\.example\.com> exiting after request to controller\n/)
    await gone.pass(500)
    const { stdout } = await gone.run(['find'])
    assert.equal(stdout, 'a.example.com\n')
    const all = await gone.run(['controller', 'exit'], { stdin: 'y\n' })
    assert.match(all.screen, /a\.example\.com> exiting after request to controller\n/)
    await gone.pass(500)
    assert.equal((await gone.run(['ping'])).code, 4)
  } finally {
    await gone.stop()
  }
})
