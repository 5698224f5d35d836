// Two hosts of a lab with TLS and a real Puppet: the commands of the requirement document beside its own figures, a find beside `puppet
// resource` on the same hosts, a search of every package. The whole process is timed inside the host, from start to end; the time a screen
// shows is its own. Commands take turns, so that a busy moment of the machine falls on all of them alike. [PE20, R-032..R-046]

import { setTimeout as sleep } from 'node:timers/promises'
import { type Collective, startCollective } from '../lab/collective.ts'
import { createLab, type Lab, type LabHost } from '../lab/lab.ts'
import { addService } from '../lab/service.ts'
import { type BenchContext, type Result, type Row, row } from './measurement.ts'
import { medianRatio } from './statistics.ts'

const HOSTS = ['puppetmaster.example.com', 'agent.example.com']
const ROSTER_WITHIN_MS = 60_000
const SECONDS_PER_COMMAND_MAX = 120
/** The keeper trusts its roster after one interval. */
const SETTINGS = 'registerinterval = 5\nplugin.puppetral.prewarm = yes\n'

interface Case {
  readonly what: string
  readonly line: string
  /** The figure of the document's own screen, ms. */
  readonly documentMs?: number
}

const CASES: readonly Case[] = [
  { what: 'puppetral find', line: 'mco rpc puppetral find type=file title=/tmp/hello', documentMs: 166.12 },
  {
    what: 'puppetral create of an exec',
    line: `mco rpc puppetral create type=exec title="/bin/bash -c 'echo Hello > /tmp/hello'"`,
    documentMs: 249.21,
  },
  { what: 'puppetd status', line: 'mco puppetd status', documentMs: 105.29 },
  { what: 'service status', line: 'mco service sshd status', documentMs: 260 },
  { what: 'package checkupdates', line: 'mco rpc package checkupdates', documentMs: 1703.97 },
]

interface Timed {
  /** Of the whole process. */
  readonly ms: number
  /** What its screen says it took; undefined: nothing. */
  readonly screenMs: number | undefined
  readonly complete: boolean
  readonly stdout: string
}

export async function measure({ say, quick }: BenchContext): Promise<Result> {
  if (process.getuid?.() !== 0) throw new Error('agents: isolated hosts take root')
  const lab = await createLab({ hosts: HOSTS })
  try {
    for (const host of lab.hosts) await addService(host, 'sshd')
    const collective = await startCollective(lab, { serverSettings: SETTINGS })
    await untilOnRoster(collective)
    await Promise.all(lab.hosts.map((host) => host.run(['/etc/init.d/sshd', 'start'])))
    const turns = quick ? 2 : 15
    const rows = await commands(collective, turns, say)
    rows.push(...(await besidePuppetResource(collective, lab, quick ? 2 : 9, say)))
    rows.push(...(await everyPackage(collective, quick ? 2 : 9, say)))
    rows.push(...(await unprepared(collective, lab, quick ? 1 : 3, say)))
    return { rows }
  } finally {
    await lab.down()
  }
}

async function commands(collective: Collective, turns: number, say: (text: string) => void): Promise<Row[]> {
  const runs = CASES.map((): Timed[] => [])
  // What the first of each does once is measured by itself.
  for (const { line } of CASES) await timed(collective, line)
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, { line }] of CASES.entries()) runs[i]?.push(await timed(collective, line))
    say(`turn ${turn + 1}: ${runs.map((of) => `${of.at(-1)?.screenMs} (${of.at(-1)?.ms.toFixed(0)})`).join(', ')} ms`)
  }
  return CASES.flatMap(({ what, documentMs }, i) => {
    const of = runs[i] ?? []
    const target = documentMs === undefined ? {} : { atMost: documentMs }
    return [
      row(`${what}, by its screen`, 'ms', screens(of), { complete: completed(of), ...target }),
      row(`${what}, whole process`, 'ms', wholes(of), target),
    ]
  })
}

async function besidePuppetResource(
  collective: Collective,
  lab: Lab,
  turns: number,
  say: (text: string) => void,
): Promise<Row[]> {
  const [ours, theirs]: [Timed[], number[]] = [[], []]
  for (let turn = 0; turn < turns; turn++) {
    ours.push(await timed(collective, 'mco rpc puppetral find type=user title=root'))
    const startedAt = performance.now()
    // Side by side, as somebody with a connection open to each host would.
    await Promise.all(lab.hosts.map((host) => host.run(['puppet', 'resource', 'user', 'root'])))
    theirs.push(performance.now() - startedAt)
    say(
      `find ${ours.at(-1)?.screenMs} (${ours.at(-1)?.ms.toFixed(0)}) ms, puppet resource ${theirs.at(-1)?.toFixed(0)} ms`,
    )
  }
  const against = (values: readonly number[]): string =>
    `1/${(1 / medianRatio(values, theirs)).toFixed(0)} of puppet resource`
  const met = medianRatio(screens(ours), theirs) <= 1 / 20
  return [
    {
      ...row('puppetral find of a user, by its screen', 'ms', screens(ours), {
        complete: completed(ours),
        note: against(screens(ours)),
      }),
      ...{ target: '1/20 of puppet resource', met },
    },
    row('puppetral find of a user, whole process', 'ms', wholes(ours), { note: against(wholes(ours)) }),
    row('puppet resource user root, in both hosts at once', 'ms', theirs),
  ]
}

async function everyPackage(collective: Collective, turns: number, say: (text: string) => void): Promise<Row[]> {
  const line = 'mco rpc puppetral search type=package'
  const { ms: first, stdout } = await timed(collective, line)
  const runs: Timed[] = []
  for (let turn = 0; turn < turns; turn++) {
    runs.push(await timed(collective, line))
    say(`search ${runs.at(-1)?.screenMs} (${runs.at(-1)?.ms.toFixed(0)}) ms`)
  }
  const note = `${(stdout.match(/"provider"=>|provider/g)?.length ?? 0) / HOSTS.length} packages a node`
  return [
    row('puppetral search of every package, by its screen', 'ms', screens(runs), {
      complete: completed(runs),
      atMost: 1000,
      note,
    }),
    row('puppetral search of every package, whole process', 'ms', wholes(runs), { atMost: 1000 }),
    row('the first such search, whole process', 'ms', [first], { note: 'gem and pip are asked' }),
  ]
}

/** What takes longer once: after the lists of packages changed, after a start of the daemon. */
async function unprepared(
  collective: Collective,
  lab: Lab,
  turns: number,
  say: (text: string) => void,
): Promise<Row[]> {
  const [updates, statuses]: [Timed[], Timed[]] = [[], []]
  for (let turn = 0; turn < turns; turn++) {
    await Promise.all(lab.hosts.map((host) => host.writeFile('/etc/apt/apt.conf.d/99bench', `# ${turn}\n`)))
    updates.push(await timed(collective, 'mco rpc package checkupdates'))
    const restarted = lab.host(HOSTS[1]!)
    await collective.stopNode(restarted.name)
    await collective.startNode(restarted.name)
    await untilThere(collective, restarted)
    statuses.push(await timed(collective, 'mco puppetd status'))
    say(`unprepared: checkupdates ${updates.at(-1)?.screenMs} ms, puppetd status ${statuses.at(-1)?.screenMs} ms`)
  }
  const count = updates.at(-1)?.stdout.match(/^ +Inst /gm)?.length
  return [
    row('package checkupdates after the lists changed, by its screen', 'ms', screens(updates), {
      note: `apt simulates on both hosts at once${count === undefined ? '' : `, ${count / HOSTS.length} packages`}`,
    }),
    row('puppetd status just after a daemon started, by its screen', 'ms', screens(statuses)),
  ]
}

/** A command line of peadmin's, timed by the shell that runs it. */
async function timed({ mco }: Collective, line: string): Promise<Timed> {
  const script = `s=$EPOCHREALTIME; ${line} > /tmp/screen 2>&1; e=$EPOCHREALTIME; echo $(( \${e/./} - \${s/./} )); cat /tmp/screen`
  const { stdout, stderr } = await mco(script, { timeoutMs: SECONDS_PER_COMMAND_MAX * 1000 })
  const [first = '', ...screen] = stdout.split('\n')
  const text = screen.join('\n')
  const ended = /Finished processing .* in ([\d.]+) ms/.exec(text)?.[1]
  const elapsed = /Elapsed Time: ([\d.]+) s/.exec(text)?.[1]
  if (!/^\d+$/.test(first)) throw new Error(`agents: ${line} was not timed: ${stdout}${stderr}`)
  const screenMs = ended !== undefined ? Number(ended) : elapsed === undefined ? undefined : Number(elapsed) * 1000
  const complete = new RegExp(`\\b${HOSTS.length} / ${HOSTS.length}\\b`).test(text)
  return { ms: Number(first) / 1000, screenMs, complete, stdout: text }
}

function screens(runs: readonly Timed[]): number[] {
  return runs.map(({ screenMs, stdout }) => {
    if (screenMs === undefined) throw new Error(`agents: a screen does not say how long it took:\n${stdout}`)
    return screenMs
  })
}

function wholes(runs: readonly Timed[]): number[] {
  return runs.map(({ ms }) => ms)
}

function completed(runs: readonly Timed[]): string {
  return `${runs.filter(({ complete }) => complete).length} of ${runs.length}`
}

async function untilOnRoster({ mco }: Collective): Promise<void> {
  let last = ''
  for (const startedAt = performance.now(); performance.now() - startedAt < ROSTER_WITHIN_MS; await sleep(500)) {
    last = (await mco('mco rpc roster expected agent=puppetral --json')).stdout
    if (HOSTS.every((host) => last.includes(`"${host}"`)) && !last.includes('"*"')) return
  }
  throw new Error(`agents: the roster does not get complete: ${last.slice(0, 500)}`)
}

async function untilThere({ mco }: Collective, { name }: LabHost): Promise<void> {
  for (const startedAt = performance.now(); performance.now() - startedAt < ROSTER_WITHIN_MS; await sleep(100)) {
    if ((await mco(`mco find -I ${name}`)).stdout.includes(name)) return
  }
  throw new Error(`agents: ${name} does not come back`)
}
