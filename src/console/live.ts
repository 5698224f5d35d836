// The living part of a console: what is known of the nodes, the jobs that run, the forms. Made once; handlers take what they need of it.

import { randomBytes } from 'node:crypto'
import { createJobEngine, type JobEngine } from './jobs/job-engine.ts'
import { createNodeBook, type NodeBook } from './nodes/node-book.ts'
import type { ConsoleParts } from './parts.ts'
import { createPuppetDb, type PuppetDb, type PuppetDbOptions } from './puppet/puppetdb.ts'
import { createRunWatch, type RunWatch } from './puppet/run-watch.ts'
import { type Clones, createClones } from './resources/clones.ts'
import { createInspector, type Inspector } from './resources/inspector.ts'
import { createSealer, SEAL_KEY_BYTES } from './resources/sealer.ts'
import { createTaskShelf, type TaskShelf } from './tasks/task-shelf.ts'

export interface LiveOptions {
  /** Seconds between two looks at the fleet. Default 60. */
  readonly refreshSeconds?: number
  /** `AGENT.ACTION` of the site that only look, besides those that are known to. */
  readonly looking?: readonly string[]
  /** Outputs of the site that always differ: `OUTPUT`, `AGENT.OUTPUT` or `AGENT.ACTION.OUTPUT`. */
  readonly volatile?: readonly string[]
  /** Seconds between two rounds in which all nodes are asked what Puppet did; 0: only when somebody asks. Default 900. */
  readonly puppetSeconds?: number
  readonly puppetDb?: PuppetDbOptions
  /** 32 bytes with which secrets of before-states are sealed, the same after a restart. Default: any; then no later undo puts a password back. */
  readonly sealKey?: Uint8Array
}

export interface Live {
  readonly nodes: NodeBook
  readonly jobs: JobEngine
  readonly tasks: TaskShelf
  readonly runs: RunWatch
  readonly inspector: Inspector
  readonly clones: Clones
  readonly puppetDb?: PuppetDb | undefined
  /** Before the server listens: finds what a crash left, reads what was known, begins to look at the fleet. Throws STORE_*. */
  open(): Promise<void>
  close(): Promise<void>
}

export function createLive(parts: ConsoleParts, options: LiveOptions = {}): Live {
  const looking = new Set(options.looking ?? [])
  const volatile = new Set(options.volatile ?? [])
  const { refreshSeconds } = options
  const nodes = createNodeBook({
    ...{ ...parts, storeProblem: () => jobs.storeProblem() },
    ...(refreshSeconds === undefined ? {} : { refreshSeconds }),
  })
  const jobs = createJobEngine({ ...parts, looking, volatile, isNode: nodes.isNode, targetOf: nodes.targetOf })
  const tasks = createTaskShelf({ ...parts, looking, volatile, countOf: nodes.countOf })
  const inspector = createInspector({ ...parts, jobs, targetOf: nodes.targetOf })
  const sealer = createSealer(options.sealKey ?? randomBytes(SEAL_KEY_BYTES))
  const clones = createClones({ ...parts, jobs, inspector, sealer })
  const { puppetSeconds } = options
  const runs = createRunWatch({
    ...{ ...parts, nodes, wanted: () => parts.settings.get().liveManagement },
    ...(puppetSeconds === undefined ? {} : { intervalSeconds: puppetSeconds }),
  })
  const puppetDb = options.puppetDb ? createPuppetDb(options.puppetDb) : undefined
  jobs.onResult((result, job) => {
    const { node, outcome } = result
    runs.heard(result, job)
    if (outcome === 'noResponse') nodes.missed(node)
    else if (outcome === 'ok' || outcome === 'failed' || outcome === 'refused') nodes.heard(node)
  })
  return {
    ...{ nodes, jobs, tasks, runs, puppetDb, inspector, clones },
    async open() {
      await jobs.recover()
      await nodes.open()
      tasks.watch()
      runs.open()
    },
    async close() {
      tasks.close()
      await clones.close()
      await jobs.close()
      await runs.close()
      puppetDb?.close()
      await nodes.close()
    },
  }
}
