// The console's pages with 10,000 nodes that it knows from its store, in real Chromium: first paint with a cold cache, filtering, memory. No broker and no
// nodes run beside it, so that the figures are those of console and browser alone. [issue: speed of the console]

import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { sampleNodes } from '#setup/sample-nodes.ts'
import { openStore } from '#store/open-store.ts'
import { makeCollectiveDirectory } from './collective-directory.ts'
import { openAccess } from './console-access.ts'
import { type BenchBrowser, type Filtered, openBenchBrowser } from './console-browser.ts'
import { type BenchContext, type Result, row } from './measurement.ts'
import { memoryOf } from './process-memory.ts'
import { startService } from './program.ts'

const NODES = 10_000
const PATTERNS = ['web1*.example.com', '*7.example.com']

export async function measure(context: BenchContext): Promise<Result> {
  const state = await makeCollectiveDirectory(0)
  const undo: (() => Promise<void> | void)[] = [() => state.remove()]
  try {
    const directory = join(state.directory, 'console')
    await fillStore(directory)
    const port = 20_000 + (process.pid % 20_000)
    appendFileSync(state.clientConfig, `console.listen = 127.0.0.1:${port}\nconsole.directory = ${directory}\n`)
    const logFile = join(state.directory, 'log', 'console.log')
    const console = await startService('mco', ['console', '-c', state.clientConfig], logFile)
    undo.unshift(() => console.stop())
    const access = await openAccess(port, state.clientConfig, join(state.directory, 'ca', 'ca.pem'))
    undo.unshift(() => access.close())
    const browser = await openBenchBrowser(access)
    undo.unshift(() => browser.close())
    const result = await pages(browser, context)
    return { rows: [...result.rows, row('console RSS', 'MB', [memoryOf(console.pid).rssKb / 1024])] }
  } finally {
    for (const step of undo) await step()
  }
}

/** As a console that has listened to a fleet leaves it behind. */
async function fillStore(directory: string): Promise<void> {
  mkdirSync(directory, { mode: 0o700 })
  const store = await openStore({ url: `sqlite:${join(directory, 'console.db')}`, clock: systemClock, log: silentLog })
  const nodes = sampleNodes(NODES).map(({ identity, facts }, index) => ({
    ...({ name: identity, state: 'answering', lastSeenMs: Date.now(), version: '3.0.0' } as const),
    detail: { facts: { hostname: String(facts.hostname), fqdn: identity }, puppet: { enabled: index % 9 !== 8 } },
  }))
  await store.nodes.put(nodes)
  await store.close()
}

async function pages(browser: BenchBrowser, { say, quick }: BenchContext): Promise<Result> {
  const firstPaints: number[] = []
  const firstReady: number[] = []
  const nextPaints: number[] = []
  const nextReady: number[] = []
  for (let turn = -1; turn < (quick ? 3 : 15); turn++) {
    const { coldMs, readyMs, againMs, againReadyMs } = await browser.firstPaint()
    say(`first paint ${coldMs.toFixed(0)} ms, at the next visit ${againMs.toFixed(0)} ms`)
    if (turn < 0) continue
    firstPaints.push(coldMs)
    firstReady.push(readyMs)
    nextPaints.push(againMs)
    nextReady.push(againReadyMs)
  }
  const page = await browser.open()
  const fresh = await page.memory()
  const filtered: Filtered[] = []
  const names = sampleNodes(NODES).map(({ identity }) => identity)
  for (let turn = 0; turn < (quick ? 2 : 10); turn++) {
    for (const pattern of PATTERNS) {
      const test = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`)
      filtered.push(await page.filter(pattern, names.filter((name) => test.test(name)).length))
      await page.reset(NODES)
    }
    say(`filter ${filtered.at(-1)?.redrawnMs.toFixed(0)} ms, confirmed ${filtered.at(-1)?.confirmedMs.toFixed(0)} ms`)
  }
  const used = await page.memory()
  const times = (pick: (one: Filtered) => number): number[] => filtered.map(pick)
  return {
    rows: [
      row(`first paint of the list of ${NODES} nodes, cold cache`, 'ms', firstPaints, { atMost: 1000 }),
      row('until the list takes clicks and keys', 'ms', firstReady),
      row('first paint at the next visit, files in the cache', 'ms', nextPaints),
      row('until the list takes clicks and keys at the next visit', 'ms', nextReady),
      row(
        'glob: from a key until its matches are counted',
        'ms',
        times(({ previewMs }) => previewMs),
      ),
      row(
        'glob: from Enter until the list is redrawn',
        'ms',
        times(({ redrawnMs }) => redrawnMs),
        { atMost: 100 },
      ),
      row(
        'glob: from Enter until the console has confirmed it',
        'ms',
        times(({ confirmedMs }) => confirmedMs),
      ),
      row('page: live objects after all of it', 'MB', [used.heapMb]),
      row('page: private memory of its process, loaded', 'MB', [fresh.privateMb], { atMost: 300, at: 'max' }),
      row('page: private memory of its process, after all of it', 'MB', [used.privateMb], { atMost: 300, at: 'max' }),
    ],
  }
}
