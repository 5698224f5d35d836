// Asks the keepers of the roster which nodes a request is for. The first answer counts; no keeper, no answer. It goes out beside the
// call itself, so it costs no time; the call only ends earlier by it.

import type { Filter } from '#message/filter.ts'
import type { Exchange } from './exchange.ts'

export interface RosterAnswer {
  /** Identities that are expected to answer. */
  readonly nodes: readonly string[]
  /** false: there may be others, because the keeper cannot tell for some nodes or has only just begun to listen; ask the nodes as well. */
  readonly complete: boolean
}

export interface RosterQuestion {
  readonly agent: string
  readonly collective: string
  readonly filter: Filter
  readonly ttlSeconds: number
}

/** Calls `onAnswer` at most once. Returns what ends the asking. */
export function askRoster(
  exchange: Exchange,
  question: RosterQuestion,
  onAnswer: (answer: RosterAnswer) => void,
): () => void {
  let answered = false
  const line = exchange.open({
    onReply: (reply) => {
      if (answered || reply.body.kind !== 'rpc' || reply.body.statusCode !== 0) return
      const { nodes, undecided } = reply.body.data
      if (!Array.isArray(nodes)) return
      answered = true
      onAnswer({
        nodes: nodes.filter((node): node is string => typeof node === 'string'),
        complete: Array.isArray(undecided) && undecided.length === 0,
      })
    },
    onRejected: () => {},
  })
  const { agent, collective, filter, ttlSeconds } = question
  line
    .send({
      agent: 'roster',
      collective,
      filter: { facts: [], classes: [], agents: ['roster'], identities: [], compounds: [] },
      ttlSeconds,
      body: {
        kind: 'rpc',
        action: 'expected',
        data: { filter: JSON.stringify(filter), agent, collective },
        processResults: true,
      },
    })
    // Without a broker the call itself says so.
    .catch(() => {})
  return () => line.close()
}
