// A program that asks: one client of the scripting library, as scripts use it, timing each call from its start to its account.

import { type CallSummary, type Collective, connect } from '#main/index.ts'
import { answerQuestions } from './program.ts'

export interface TimedCall {
  readonly ms: number
  readonly replies: number
  readonly summary: CallSummary
}

let collective: Collective | undefined

async function call({
  runs = 1,
  pauseMs = 0,
  timeoutSeconds,
  nodes,
  agent,
  action,
}: CallRequest): Promise<TimedCall[]> {
  const calls: TimedCall[] = []
  for (let i = 0; i < runs; i++) {
    const startedAt = performance.now()
    const options = { ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }), ...(nodes ? { nodes } : {}) }
    const handle = collective!.agent(agent ?? 'rpcutil').call(action ?? 'ping', {}, options)
    let replies = 0
    for await (const reply of handle) if (reply.outcome === 'ok') replies++
    const summary = await handle.summary
    calls.push({ ms: performance.now() - startedAt, replies, summary })
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  return calls
}

/** By default a ping of everybody who is on the roster. */
export interface CallRequest {
  readonly agent?: string
  readonly action?: string
  readonly nodes?: readonly string[]
  readonly runs?: number
  readonly pauseMs?: number
  readonly timeoutSeconds?: number
}

answerQuestions({
  async connect({ config }: { config: string }) {
    collective = await connect({ config })
  },
  call,
  /** How many nodes the keeper of the roster expects, and whether it takes them to be all. */
  async roster() {
    const question = { agent: 'rpcutil', collective: 'mcollective' }
    for await (const { data } of collective!.agent('roster').call('expected', question, { timeoutSeconds: 2 })) {
      return { size: (data.nodes as string[]).length, complete: (data.undecided as string[]).length === 0 }
    }
    return { size: 0, complete: false }
  },
  close: () => collective?.close(),
})
