// A console that is about to be killed: sends a job to three of five thousand nodes, enters one thousand answers, says the job's id and goes on
// writing. Run by store.ts with the url of the store.

import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { openStore } from '#store/open-store.ts'

const store = await openStore({ url: process.argv[2]!, clock: systemClock, log: silentLog })
const nodes = Array.from({ length: 5_000 }, (_, index) => `node${String(index).padStart(4, '0')}`)
const id = store.newId()
await store.jobs.insert(
  {
    ...{ id, kind: 'call', title: 't', agent: 'service', action: 'restart', inputs: {}, account: 'alice' },
    ...{ startedAtMs: Date.now(), command: 'mco' },
  },
  nodes,
)
await store.jobs.markSent(id, nodes.slice(0, 3_000))
await store.jobs.addResults(
  id,
  nodes.slice(0, 1_000).map((node, index) => ({ node, outcome: index % 10 === 0 ? 'failed' : 'ok', data: { index } })),
)
process.stdout.write(`${id}\n`)
for (let round = 0; ; round += 1) await store.settings.set('round', round)
