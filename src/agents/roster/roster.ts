// The agent `roster`: answers from the registrations a node keeps who is expected to answer a request. Clients ask it in the same
// moment as they broadcast. The roster itself (daemon/roster.ts) is handed in. [agents 16]

import { messageOf } from '#base/errors.ts'
import { parseFilter } from '#message/decode.ts'
import { EMPTY_FILTER, type Filter } from '#message/filter.ts'
import type { Values } from '#message/request.ts'
import { STATUS } from '#message/status.ts'
import { ActionFailed, type Agent } from '#rpc/agent.ts'
import type { AgentDdl } from '#rpc/ddl/ddl.ts'

export interface RosterQuestion {
  readonly filter: Filter
  readonly agent?: string
  readonly collective?: string
}

/** What of the roster can be asked. */
export interface RosterView {
  expected(question: RosterQuestion): {
    readonly nodes: readonly string[]
    readonly undecided: readonly string[]
    readonly total: number
    /** Milliseconds since 1970. */
    readonly sinceMs: number
  }
  list(): readonly {
    readonly identity: string
    readonly lastSeenMs: number
    readonly intervalSeconds: number
    readonly version: string
    readonly lostSinceMs?: number
  }[]
  forget(identity: string): boolean
}

export function createRosterAgent(ddl: AgentDdl, roster: RosterView): Agent {
  return {
    ddl,
    actions: {
      expected({ data }) {
        const { nodes, undecided, total, sinceMs } = roster.expected(questionOf(data))
        return { nodes, undecided, total, since: Math.floor(sinceMs / 1000) }
      },
      list: () => ({
        nodes: roster.list().map((node) => ({
          identity: node.identity,
          lastseen: Math.floor(node.lastSeenMs / 1000),
          interval: node.intervalSeconds,
          version: node.version,
          ...(node.lostSinceMs === undefined ? {} : { lost: Math.floor(node.lostSinceMs / 1000) }),
        })),
      }),
      forget: ({ data }) => ({ forgotten: roster.forget(String(data.identity)) }),
    },
  }
}

function questionOf(data: Values): RosterQuestion {
  const { filter, agent, collective } = data
  return {
    filter: typeof filter === 'string' ? filterOf(filter) : EMPTY_FILTER,
    ...(typeof agent === 'string' ? { agent } : {}),
    ...(typeof collective === 'string' ? { collective } : {}),
  }
}

function filterOf(json: string): Filter {
  try {
    return parseFilter(JSON.parse(json))
  } catch (error) {
    throw new ActionFailed(STATUS.invalidData, `the input filter is not a filter as JSON: ${messageOf(error)}`)
  }
}
