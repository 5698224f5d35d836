// The agent `roster`: answers from the registrations a node keeps who is expected to answer a request. Clients ask it in the same
// moment as they broadcast. The roster itself (daemon/roster.ts) is handed in. [agents 16]

import { messageOf } from '#base/errors.ts'
import { ROSTER_LIST_FACTS_MAX } from '#base/limits.ts'
import { parseJson } from '#base/parse-json.ts'
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
  list(facts?: readonly string[]): readonly {
    readonly identity: string
    readonly lastSeenMs: number
    readonly intervalSeconds: number
    readonly version: string
    readonly lostSinceMs?: number
    readonly facts?: Values
  }[]
  count(what: 'facts' | 'classes' | 'agents'): RosterCounts
  countValues(fact: string): RosterCounts
  forget(identity: string): boolean
}

export interface RosterCounts {
  readonly counts: readonly { readonly name: string; readonly nodes: number }[]
  readonly more: number
}

export function createRosterAgent(ddl: AgentDdl, roster: RosterView): Agent {
  return {
    ddl,
    actions: {
      expected({ data }) {
        const { nodes, undecided, total, sinceMs } = roster.expected(questionOf(data))
        return { nodes, undecided, total, since: Math.floor(sinceMs / 1000) }
      },
      list: ({ data }) => ({
        nodes: roster.list(factsOf(data)).map((node) => ({
          identity: node.identity,
          lastseen: Math.floor(node.lastSeenMs / 1000),
          interval: node.intervalSeconds,
          version: node.version,
          ...(node.lostSinceMs === undefined ? {} : { lost: Math.floor(node.lostSinceMs / 1000) }),
          ...(node.facts === undefined ? {} : { facts: node.facts }),
        })),
      }),
      facts: () => countsOf('facts', roster.count('facts')),
      classes: () => countsOf('classes', roster.count('classes')),
      agents: () => countsOf('agents', roster.count('agents')),
      values: ({ data }) => countsOf('values', roster.countValues(String(data.fact))),
      forget: ({ data }) => ({ forgotten: roster.forget(String(data.identity)) }),
    },
  }
}

function countsOf(output: string, { counts, more }: RosterCounts): Values {
  return { [output]: counts.map(({ name, nodes }) => ({ name, nodes })), more }
}

function factsOf({ facts }: Values): readonly string[] {
  if (typeof facts !== 'string') return []
  const names = facts.split(',').map((name) => name.trim())
  if (names.length <= ROSTER_LIST_FACTS_MAX) return names.filter((name) => name !== '')
  const message = `the input facts names ${names.length} facts, at most ${ROSTER_LIST_FACTS_MAX} are allowed`
  throw new ActionFailed(STATUS.invalidData, message)
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
    return parseFilter(parseJson(json))
  } catch (error) {
    throw new ActionFailed(STATUS.invalidData, `the input filter is not a filter as JSON: ${messageOf(error)}`)
  }
}
