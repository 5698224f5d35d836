// One question to the agent puppetral of some nodes, without a job: for what a person waits for at the screen. [live 10]

import type { CallReply, Client } from '#client/api.ts'
import type { Values } from '#message/request.ts'

export const PUPPETRAL = 'puppetral'

export interface NodeAnswer {
  readonly outcome: 'ok' | 'failed' | 'refused'
  readonly message: string
  readonly data: unknown
}

export interface NodesAnswered {
  readonly answers: ReadonlyMap<string, NodeAnswer>
  readonly silent: readonly string[]
}

export interface NodeQuestion {
  readonly agent?: string
  readonly action: string
  readonly inputs: Values
  readonly nodes: readonly string[]
  readonly collective: string
  /** Aborted when nobody waits any more. */
  readonly signal?: AbortSignal
  readonly timeoutSeconds?: number | undefined
  /** Hears how many have answered, with every answer. */
  onAnswer?(answered: number): void
}

/** Of each node the first answer. Rejects when nothing could be sent. */
export async function askNodes(client: Client, question: NodeQuestion): Promise<NodesAnswered> {
  const { agent = PUPPETRAL, action, inputs, nodes, collective, signal, timeoutSeconds } = question
  const answers = new Map<string, NodeAnswer>()
  if (nodes.length === 0) return { answers, silent: [] }
  const call = client.agent(agent).call(action, inputs, {
    ...{ nodes, collective },
    ...(signal ? { signal } : {}),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  })
  for await (const reply of call) {
    if (!reply.expected || answers.has(reply.sender)) continue
    answers.set(reply.sender, answerOf(reply as CallReply))
    question.onAnswer?.(answers.size)
  }
  await call.summary
  return { answers, silent: nodes.filter((node) => !answers.has(node)) }
}

export function answerOf({ outcome, statusMessage, data }: CallReply): NodeAnswer {
  return { outcome, message: statusMessage.slice(0, MESSAGE_CHARACTERS_MAX), data }
}

const MESSAGE_CHARACTERS_MAX = 2_000
export const NO_ANSWER = 'no answer'
