// The living part of a console: what is known of the nodes, the jobs that run, the forms. Made once; handlers take what they need of it.

import { createJobEngine, type JobEngine } from './jobs/job-engine.ts'
import { createNodeBook, type NodeBook } from './nodes/node-book.ts'
import type { ConsoleParts } from './parts.ts'
import { createTaskShelf, type TaskShelf } from './tasks/task-shelf.ts'

export interface LiveOptions {
  /** Seconds between two looks at the fleet. Default 60. */
  readonly refreshSeconds?: number
  /** `AGENT.ACTION` of the site that only look, besides those that are known to. */
  readonly looking?: readonly string[]
  /** Outputs of the site that always differ: `OUTPUT`, `AGENT.OUTPUT` or `AGENT.ACTION.OUTPUT`. */
  readonly volatile?: readonly string[]
}

export interface Live {
  readonly nodes: NodeBook
  readonly jobs: JobEngine
  readonly tasks: TaskShelf
  /** Before the server listens: finds what a crash left, reads what was known, begins to look at the fleet. Throws STORE_*. */
  open(): Promise<void>
  close(): Promise<void>
}

export function createLive(parts: ConsoleParts, options: LiveOptions = {}): Live {
  const looking = new Set(options.looking ?? [])
  const volatile = new Set(options.volatile ?? [])
  const { refreshSeconds } = options
  const nodes = createNodeBook({ ...parts, ...(refreshSeconds === undefined ? {} : { refreshSeconds }) })
  const jobs = createJobEngine({ ...parts, looking, volatile, isNode: nodes.isNode, targetOf: nodes.targetOf })
  const tasks = createTaskShelf({ ...parts, looking, volatile, countOf: nodes.countOf })
  jobs.onResult(({ node, outcome }) => {
    if (outcome === 'noResponse') nodes.missed(node)
    else if (outcome === 'ok' || outcome === 'failed' || outcome === 'refused') nodes.heard(node)
  })
  return {
    ...{ nodes, jobs, tasks },
    async open() {
      await jobs.recover()
      await nodes.open()
      tasks.watch()
    },
    async close() {
      tasks.close()
      await jobs.close()
      await nodes.close()
    },
  }
}
