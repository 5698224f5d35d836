// The agent `discovery`: bare text, not actions. `ping` is answered `pong` by every node the filter fits; that is all of
// discovery. `match`, sent to a named node, asks whether the request's own filter fits it now, and is answered by the
// dispatcher, which is the one who knows. [wire 5.1, agents 6]

import type { Agent } from '#rpc/agent.ts'
import type { AgentDdl } from '#rpc/ddl/ddl.ts'

export function createDiscoveryAgent(ddl: AgentDdl): Agent {
  return { ddl, actions: {}, text: (text) => answerTo(text) }
}

function answerTo(text: string): string {
  if (text === 'ping') return 'pong'
  // Broadcast, it comes only to those that the filter fits.
  if (text === 'match') return 'match'
  return `Unknown Request: ${text}`
}
