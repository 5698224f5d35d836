// Runs one action and always has an answer: the handler's outputs over the DDL's defaults, its failure, or the time-out. What a
// handler gives after that is dropped and logged. [agents 1, B-014]

import type { Clock } from '#base/clock.ts'
import { messageOf } from '#base/errors.ts'
import type { Log } from '#base/log.ts'
import type { RpcReplyBody } from '#message/reply.ts'
import type { Request, RpcRequestBody, Value, Values } from '#message/request.ts'
import { STATUS } from '#message/status.ts'
import { ActionFailed, type Call, type NodeView } from '#rpc/agent.ts'
import type { ActionDdl } from '#rpc/ddl/ddl.ts'
import type { ProgressReports } from './progress-reports.ts'
import type { LoadedAgent } from './registry.ts'

export interface ActionRun {
  readonly agent: LoadedAgent
  readonly action: ActionDdl
  readonly request: Request
  readonly body: RpcRequestBody
  readonly node: NodeView
  readonly clock: Clock
  readonly log: Log
  /** Aborted when the daemon stops. */
  readonly stop: AbortSignal
  /** Passes on what the action says of its progress, until it has answered. Absent: nobody listens. */
  readonly progress?: ProgressReports
}

/** Never rejects. */
export function runAction(run: ActionRun): Promise<RpcReplyBody> {
  const { agent, action, request, clock, log } = run
  const outputs = defaultOutputs(action)
  const handler = Object.hasOwn(agent.agent.actions, action.name) ? agent.agent.actions[action.name] : undefined
  if (!handler) {
    const message = `Unknown action '${action.name}' for agent '${agent.name}'`
    return Promise.resolve(rpcReply(STATUS.unknownAction, message, outputs))
  }
  const seconds = agent.agent.ddl.metadata.timeoutSeconds
  const abort = new AbortController()
  const call: Call = {
    action: action.name,
    data: run.body.data,
    caller: request.caller,
    sender: request.sender,
    requestId: request.id,
    sentAtMs: request.sentAtMs,
    collective: request.collective,
    signal: abort.signal,
    reply: outputs,
    progress: (text, percent) => run.progress?.report(text, percent),
  }
  return new Promise((resolve) => {
    let answered = false
    const answer = (statusCode: number, message: string, data: Values | undefined): void => {
      if (answered) {
        log.warn(`${agent.name}.${action.name} ended after its answer was due: ${message}`, { requestid: request.id })
        return
      }
      answered = true
      run.progress?.close()
      cancelTimer()
      run.stop.removeEventListener('abort', onStop)
      // A copy: a handler that goes on must not change what is being sent.
      resolve(rpcReply(statusCode, message, { ...outputs, ...data }))
    }
    const giveUp = (message: string): void => {
      answer(STATUS.otherError, message, undefined)
      abort.abort(new Error(message))
    }
    const onStop = (): void => giveUp('the daemon is stopping, the action was cancelled')
    const cancelTimer = clock.after(seconds * 1000, () => giveUp(`timed out after ${seconds} s`))
    run.stop.addEventListener('abort', onStop)
    invoke(handler, call, run.node).then(
      (data) => answer(STATUS.ok, 'OK', data),
      (error: unknown) => answer(...failureOf(error)),
    )
  })
}

/** Every output the DDL declares, with its default or null, in its order. */
export function defaultOutputs(action: ActionDdl): Record<string, Value> {
  const outputs = Object.create(null) as Record<string, Value>
  for (const output of action.outputs) outputs[output.name] = structuredClone(output.default ?? null)
  return outputs
}

export function rpcReply(statusCode: number, statusMessage: string, data: Values = {}): RpcReplyBody {
  return { kind: 'rpc', statusCode, statusMessage, data }
}

/** Status, message and data of what a handler threw. `ActionFailed` of another copy of this code counts by its statusCode. */
export function failureOf(error: unknown): [statusCode: number, message: string, data: Values | undefined] {
  if (error instanceof ActionFailed) return [error.statusCode || STATUS.otherError, error.message, error.data]
  const code = (error as { statusCode?: unknown } | null)?.statusCode
  const statusCode = Number.isSafeInteger(code) && code !== 0 ? (code as number) : STATUS.otherError
  return [statusCode, messageOf(error), undefined]
}

async function invoke(
  handler: (call: Call, node: NodeView) => Values | undefined | Promise<Values | undefined>,
  call: Call,
  node: NodeView,
): Promise<Values | undefined> {
  const data = await handler(call, node)
  if (data !== undefined && (data === null || typeof data !== 'object' || Array.isArray(data))) {
    throw new Error(`the action ${call.action} gave ${data === null ? 'null' : typeof data} instead of outputs by name`)
  }
  return data
}
