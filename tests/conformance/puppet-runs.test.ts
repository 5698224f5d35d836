// `mco puppetd runall` and `mco puppet runall` against real nodes in this process whose Puppet is made of data: never more runs at once
// than asked for, whatever the nodes do meanwhile. [R-069, R-072, M-015, cli 8.10, 8.11]

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import type { ManualClock } from '../../src/base/clock.ts'
import {
  createTestMachine,
  PATHS,
  type RunTimes,
  reportText,
  runsPuppet,
  summaryText,
  type TestMachine,
} from '../../src/puppet/agent/test-machine.ts'
import { type Collective, startCollective } from './mco-in-memory.ts'

interface Watch {
  running: number
  most: number
  /** Hosts in the order their runs began. */
  readonly order: string[]
  readonly machines: Map<string, TestMachine>
}

let collective: Collective | undefined
afterEach(async () => {
  await collective?.stop()
  collective = undefined
})

async function fleet(
  count: number,
  timesOf: (host: string, run: number) => RunTimes,
  prepare: (machine: TestMachine, host: string, clock: ManualClock) => void = () => {},
): Promise<{ run: Collective['run']; watch: Watch }> {
  const watch: Watch = { running: 0, most: 0, order: [], machines: new Map() }
  const hosts = Array.from({ length: count }, (_, i) => `node${String(i + 1).padStart(2, '0')}.example.com`)
  const nodes = hosts.map((identity) => ({
    ...{ identity, facts: {}, classes: [] },
    puppet(clock: ManualClock) {
      const machine = createTestMachine({ clock })
      machine.write(PATHS.summary, summaryText(Math.floor(clock.now() / 1000) - 1800))
      runsPuppet(
        machine,
        clock,
        (run) => timesOf(identity, run),
        (what) => {
          watch.running += what === 'begins' ? 1 : -1
          watch.most = Math.max(watch.most, watch.running)
          if (what === 'begins') watch.order.push(identity)
        },
      )
      prepare(machine, identity, clock)
      watch.machines.set(identity, machine)
      return machine
    },
  }))
  collective = await startCollective(nodes)
  return { run: collective.run, watch }
}

/** Repeatable: some load in half a second, some in 14 s; some apply in 1 s, some in 40 s. */
const uneven = (host: string): RunTimes => {
  const n = Number(/\d+/.exec(host)?.[0])
  return { loadMs: 500 + ((n * 7) % 10) * 1500, applyMs: 1000 + ((n * 3) % 5) * 9750 }
}

for (const command of ['puppetd', 'puppet'])
  for (const concurrency of [1, 3])
    test(`${command} runall ${concurrency}: every node runs once, never more than ${concurrency} at a time`, async () => {
      const { run, watch } = await fleet(8, uneven)
      const { stdout, code } = await run([command, 'runall', String(concurrency)])
      assert.equal(code, 0, stdout)
      // The command ends when the last run is started: those that were may still be loading.
      const names = [...watch.machines.keys()]
      for (const name of names)
        assert.equal(watch.machines.get(name)?.commands.filter((words) => words.includes('--onetime')).length, 1)
      assert.ok(watch.most <= concurrency, `${watch.most} at once`)
      assert.equal(watch.most, concurrency)
      const starts = [...stdout.matchAll(/(\S+) schedule status:/g)].map((match) => match[1])
      assert.deepEqual(starts, names)
    })

test('puppetd runall: runs that others started count, and one in progress is not disturbed', async () => {
  const { run, watch } = await fleet(
    3,
    () => ({ loadMs: 1000, applyMs: 3000 }),
    (machine, host, clock) => {
      if (host !== 'node03.example.com') return
      machine.processes.set(77, ['puppet agent: applying configuration'])
      machine.write(PATHS.running, '77')
      clock.after(60_000, () => {
        machine.processes.delete(77)
        machine.files.delete(PATHS.running)
      })
    },
  )
  const { stdout } = await run(['puppetd', 'runall', '1'])
  assert.match(stdout, /Found 3 hosts\n[^\n]*Currently 1 nodes running; waiting\n/)
  assert.equal(watch.most, 1)
  assert.deepEqual(watch.order.slice(0, 2), ['node01.example.com', 'node02.example.com'])
})

test('puppet runall: a node that never begins to run is given up and told, the others run', async () => {
  const { run } = await fleet(
    3,
    () => ({ loadMs: 1000, applyMs: 2000 }),
    (machine, host) => {
      if (host === 'node01.example.com') machine.onStart = () => {}
    },
  )
  const { stdout, code } = await run(['puppet', 'runall', '1'])
  assert.match(stdout, /Host node01\.example\.com did not move into an applying state\. Skipping\./)
  assert.match(stdout, /Iteration complete\. Initiated a Puppet run on 3 nodes\./)
  assert.equal(code, 2)
})

test('puppet runall: a slow node that says it is starting keeps its place', async () => {
  const { run, watch } = await fleet(2, () => ({ loadMs: 45_000, applyMs: 2000 }))
  const { stdout, code } = await run(['puppet', 'runall', '1'])
  assert.doesNotMatch(stdout, /Skipping/)
  assert.equal(code, 0)
  assert.equal(watch.most, 1)
})

test('puppet runall: disabled nodes are left out', async () => {
  const { run, watch } = await fleet(3, uneven, (machine, host) => {
    if (host === 'node02.example.com') machine.write(PATHS.disabled, '{"disabled_message":"why"}')
  })
  const { stdout } = await run(['puppet', 'runall', '3'])
  assert.match(stdout, /Found 2 enabled nodes/)
  assert.equal(
    watch.machines.get('node02.example.com')?.commands.some((words) => words.includes('--onetime')),
    false,
  )
})

test('puppetd runall: Ctrl-C starts no further run and lists the rest', async () => {
  const { run, watch } = await fleet(4, () => ({ loadMs: 1000, applyMs: 60_000 }))
  const { stdout, code } = await run(['puppetd', 'runall', '1'], { interrupts: [10_000] })
  assert.match(stdout, /Interrupted; 3 hosts were not run/)
  assert.match(stdout, /Not addressed:\s+node02\.example\.com\s+node03\.example\.com\s+node04\.example\.com/)
  assert.equal(watch.order.length, 1)
  assert.equal(code, 0)
})

test('puppetd runall --max-failures: stops when so many nodes refused', async () => {
  const { run } = await fleet(5, uneven, (machine) => machine.write(PATHS.disabled, '{}'))
  const { stdout, code } = await run(['puppetd', 'runall', '2', '--max-failures', '40%'])
  assert.match(stdout, /Too many failures; 3 hosts were not run/)
  assert.equal(code, 2)
})

test('puppet runall --rerun: begins anew after so many seconds, until Ctrl-C', async () => {
  const { run, watch } = await fleet(2, () => ({ loadMs: 500, applyMs: 1000 }))
  const { stdout } = await run(['puppet', 'runall', '2', '--rerun', '30'], { interrupts: [40_000] })
  assert.equal(stdout.match(/Discovering enabled Puppet nodes to manage/g)?.length, 2)
  assert.equal(watch.order.length, 4)
})

test('runall without a number runs nothing', async () => {
  const { run } = await fleet(1, uneven)
  const classic = await run(['puppetd', 'runall'])
  assert.deepEqual([classic.screen, classic.code], ['Concurrency is 0; not running any nodes\n', 1])
  const modern = await run(['puppet', 'runall'])
  assert.match(modern.stderr, /The runall command needs a concurrency limit/)
})

type Logs = Parameters<typeof reportText>[3]
type Event = Parameters<typeof reportText>[2][number]
const event = (status: string, over: Partial<Event> = {}): Event => ({
  ...{ resource: 'File[/etc/motd]', property: 'content', old: '{md5}ab', new: '{md5}cd' },
  ...{ status, message: 'content changed', ...over },
})
const runOf = (status: string, events: readonly Event[], logs?: Logs): RunTimes => ({
  ...{ loadMs: 2000, applyMs: 5000 },
  report: (beganMs) => reportText(beganMs, status, events, logs),
})
/** A report of an earlier run, which is not to be taken for that of the run that is waited for. */
const oldReport = (machine: TestMachine, _host: string, clock: ManualClock): void =>
  machine.write(PATHS.report, reportText(clock.now() - 1_800_000, 'failed', [event('failure')]))

test('puppet runonce --noop: waits, and says of every node what would change', async () => {
  // Puppet tells of what it would restart in its log alone.
  const refresh = "Would have triggered 'refresh' from 1 event"
  const logs = ['/Stage[main]/Motd/Exec[/bin/notify]', 'Class[Motd]', 'Stage[main]'].map((source) => ({
    ...{ level: 'notice', source, message: refresh },
  }))
  const would = runOf('unchanged', [event('noop')], logs)
  const { run, watch } = await fleet(
    2,
    (host) => (host === 'node01.example.com' ? would : runOf('unchanged', [])),
    oldReport,
  )
  const { stdout, stderr, code } = await run(['puppet', 'runonce', '--noop', '--force'])
  assert.equal(code, 0, stdout)
  assert.equal(watch.order.length, 2)
  assert.match(stderr, /Waiting until Puppet has run on 2 nodes; Ctrl-C ends the waiting, not the runs/)
  assert.ok(
    stdout.includes(`node01.example.com                       2 changes would be made
   File[/etc/motd] content: {md5}ab -> {md5}cd
   Exec[/bin/notify]: Would have triggered 'refresh' from 1 event
`),
    stdout,
  )
  // Without an event the report of the test Puppet does not say that it was a try.
  assert.match(stdout, /node02\.example\.com +nothing to change\n/)
  assert.match(stdout, /Puppet ran on 2 nodes of 2: 1 would change, 1 as they should be\n/)
})

test('puppet runonce --wait: changes and failures of each node; a failure is exit code 2', async () => {
  const noCatalog = 'Could not retrieve catalog from remote server'
  const { run } = await fleet(3, (host) =>
    host === 'node01.example.com'
      ? runOf('changed', [event('success')])
      : host === 'node02.example.com'
        ? runOf('failed', [event('failure', { message: 'is a directory' })])
        : runOf('failed', [], [{ level: 'err', source: 'Puppet', message: noCatalog }]),
  )
  const { stdout, code } = await run(['puppet', 'runonce', '--wait', '--force', '--sort'])
  assert.equal(code, 2, stdout)
  assert.match(stdout, /node01\.example\.com +1 change made\n {3}File\[\/etc\/motd\] content: \{md5\}ab -> \{md5\}cd\n/)
  assert.match(stdout, /node02\.example\.com +failed\n {3}File\[\/etc\/motd\] content: failed: is a directory\n/)
  assert.match(stdout, /node03\.example\.com +failed\n {3}Could not retrieve catalog from remote server\n/)
  assert.match(stdout, /Puppet ran on 3 nodes of 3: 1 changed, 2 failed\n/)
})

test('puppet runonce --noop: nodes that are disabled, busy, slow, gone or silent about their run are accounted for', async () => {
  const { run } = await fleet(
    5,
    (host) => (host === 'node03.example.com' ? { loadMs: 1000, applyMs: 3_600_000 } : runOf('unchanged', [])),
    (machine, host) => {
      if (host === 'node01.example.com') machine.write(PATHS.disabled, '{"disabled_message":"moving"}')
      if (host === 'node02.example.com') {
        machine.processes.set(77, ['puppet agent: applying configuration'])
        machine.write(PATHS.running, '77')
      }
      if (host === 'node04.example.com') machine.onStart = () => {}
    },
  )
  const { stdout, code } = await run(['puppet', 'runonce', '--noop', '--wait-limit', '120', '--force'])
  assert.equal(code, 2)
  assert.match(stdout, /node01\.example\.com +Request Aborted\n +Puppet is disabled: 'moving'/)
  assert.match(stdout, /node02\.example\.com +Request Aborted\n +Puppet is currently applying a catalog/)
  assert.match(stdout, /node03\.example\.com +unknown: still running after 120 s\n/)
  assert.match(stdout, /node04\.example\.com +unknown: no report of this run: There is no report/)
  assert.match(stdout, /Puppet ran on 1 node of 3: 1 as they should be, 2 unknown\n/)
  assert.match(stdout, /End of the run not seen on:\s+node03\.example\.com\s+node04\.example\.com/)
})

test('puppet runonce --noop: Ctrl-C ends the waiting and not the runs, and who was not seen is named', async () => {
  const { run, watch } = await fleet(2, () => ({ ...runOf('unchanged', []), applyMs: 60_000 }))
  const { stdout, code } = await run(['puppet', 'runonce', '--noop', '--force'], { interrupts: [20_000] })
  assert.equal(code, 3, stdout)
  assert.match(stdout, /node01\.example\.com +unknown: still running when waiting was ended\n/)
  assert.match(stdout, /Puppet ran on 0 nodes of 2: 2 unknown\n/)
  assert.equal(watch.running, 2)
})

test('puppet runonce --json: the same as data; --no-wait only starts', async () => {
  const { run } = await fleet(1, () => runOf('unchanged', [event('noop')]))
  const words = ['puppet', 'runonce', '--noop', '--force', '--json']
  const started = JSON.parse((await run([...words, '--no-wait'])).stdout)
  assert.equal(started[0].run, undefined)
  await collective?.pass(30_000)
  const [{ statuscode, data, run: seen }] = JSON.parse((await run(words)).stdout)
  assert.equal(statuscode, 0)
  assert.ok(seen.started >= data.initiated_at)
  assert.deepEqual(seen, {
    ...{ outcome: 'changed', noop: true, started: seen.started, more_changes: 0, errors: [], reason: '' },
    changes: [event('noop')],
  })
})

test('puppet runall --noop: the same for every node, a few at a time', async () => {
  const { run, watch } = await fleet(4, () => runOf('unchanged', [event('noop')]), oldReport)
  const { stdout, code } = await run(['puppet', 'runall', '2', '--noop'])
  assert.equal(code, 0, stdout)
  assert.equal(watch.most, 2)
  assert.equal([...stdout.matchAll(/^node0\d\.example\.com +1 change would be made$/gm)].length, 4, stdout)
  assert.match(stdout, /Puppet ran on 4 nodes of 4: 4 would change\n/)
})
