// One node, asked just now: its inventory, and what its Puppet does. [live 2, O4; M-066]

import { isTroupeError, messageOf } from '#base/errors.ts'
import { isMap } from '#base/is-map.ts'
import { maskSecrets } from '#base/secret-names.ts'
import type { CallReply, Client } from '#client/api.ts'
import type { Value, Values } from '#message/request.ts'
import { rpcCommand } from '../api/command-line.ts'
import type { NodeDetail, NodeRow } from '../api/nodes.ts'

export async function askNode(client: Client, row: NodeRow, collective: string): Promise<Omit<NodeDetail, 'row'>> {
  const { name } = row
  const target = { kind: 'nodes', nodes: [name] } as const
  const command = rpcCommand({ agent: 'rpcutil', action: 'inventory', inputs: {}, target })
  const [inventory, puppet] = await Promise.all([
    askOne(client, name, collective, 'rpcutil', 'inventory'),
    askOne(client, name, collective, 'puppet', 'status').catch((error) => {
      // Without the DDL of the agent puppet there is nothing to ask.
      if (isTroupeError(error, 'DDL_NOT_FOUND')) return undefined
      throw error
    }),
  ])
  if (!inventory) return { command, problem: `${name} did not answer` }
  if (inventory.statusCode !== 0) return { command, problem: `${name}: ${inventory.statusMessage}` }
  const { agents, classes, facts, collectives, version, warnings } = inventory.data
  return {
    command,
    live: {
      agents: texts(agents),
      classes: texts(classes),
      facts: (isMap(facts) ? maskSecrets(facts) : {}) as Values,
      collectives: texts(collectives),
      version: typeof version === 'string' ? version : '',
      warnings: texts(warnings),
      ...(puppet?.statusCode === 0 ? { puppet: puppet.data } : {}),
    },
  }
}

/** The reply of one node; undefined: none came. Rejects when nothing could be sent. */
export async function askOne(
  client: Client,
  node: string,
  collective: string,
  agent: string,
  action: string,
  inputs: Values = {},
): Promise<CallReply | undefined> {
  const call = client.agent(agent).call(action, inputs, { nodes: [node], collective })
  let found: CallReply | undefined
  for await (const reply of call) if (reply.sender === node && reply.expected) found ??= reply as CallReply
  await call.summary
  return found
}

/** What a failed asking says to people. */
export function askProblem(node: string, error: unknown): string {
  return `${node} could not be asked: ${messageOf(error)}`
}

function texts(value: Value | undefined): string[] {
  return Array.isArray(value) ? (value as readonly Value[]).filter((one) => typeof one === 'string') : []
}
