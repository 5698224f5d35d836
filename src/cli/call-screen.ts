// Runs a call in front of an operator: discovery line, progress bar, Ctrl-C. What is done with each reply and what is printed at the
// end is the command's. [cli 6]

import { TroupeError } from '#base/errors.ts'
import type { CallHandle, CallOptions, CallReply, CallSummary, Client } from '#client/api.ts'
import { batched, callChoice } from './call-options.ts'
import type { CommandContext } from './command.ts'
import { discoveryTitle } from './discovery-line.ts'
import { exitCodeOf } from './exit-codes.ts'

export interface CallScreen {
  /** Begins the call; nothing of it may wait for an answer. */
  start(client: Client, options: CallOptions): CallHandle<object>
  /** Called for every reply as it arrives; on terminals after the bar is complete; with --sort in order of sender. */
  onReply?(reply: CallReply): void
  /** Show the discovery line without -v as well. */
  readonly discoveryLine?: boolean
  /** Where the discovery line goes; default standard error. */
  readonly discoveryTo?: 'out' | 'err'
  /** false: no bar, and replies are shown at once on terminals, too. */
  readonly progress?: boolean
  /** Take a list of nodes that was piped in. */
  readonly nodesFromStdin?: boolean
}

export interface CallResult {
  readonly replies: readonly CallReply[]
  readonly summary: CallSummary
  readonly exitCode: number
}

/** Starts a call with the options of the command line, shows it until it ends, and returns its account. Throws what the call throws. */
export async function runCall(context: CommandContext, screen: CallScreen): Promise<CallResult> {
  const { terminal, options, json } = context
  if (options.text('max-failures') !== undefined && !batched(context))
    throw new TroupeError(
      'USAGE_CONFLICT',
      '--max-failures needs --batch: without batches every node is addressed at once',
    )
  const choice = await callChoice(context, { nodesFromStdin: screen.nodesFromStdin === true })
  const client = await context.client()
  const withBar = !json && screen.progress !== false && !options.flag('no-progress')
  const bar = withBar ? terminal.progress() : undefined
  const sort = options.flag('sort')
  const hold = (withBar && terminal.interactive) || sort
  const shown = !json && (screen.discoveryLine === true || context.verbose)
  const line = discoveryLine(context, discoveryTitle(choice, context.look), screen.discoveryTo ?? 'err', shown)
  const replies: CallReply[] = []
  const held: CallReply[] = []
  const call = screen.start(client, {
    ...choice.options,
    signal: context.signal,
    onProgress({ phase, replied, expected }) {
      // While nodes are still being chosen, numbers are those of the discovery.
      if (phase === 'discovering' || expected === undefined) return
      line.end(expected)
      if (!hold) for (const reply of held.splice(0)) screen.onReply?.(reply)
      if (expected > 0) bar?.update(replied, expected)
    },
  }) as CallHandle
  line.begin()
  context.onInterrupt(() => {
    if (batched(context))
      terminal.err('\nInterrupted: no further batch is begun; Ctrl-C again quits without waiting for this one')
    call.stop()
  })
  for await (const reply of call) {
    replies.push(reply)
    // Nothing may stand between a discovery line and its number, also when both streams go into one file.
    if (hold || line.open()) held.push(reply)
    else screen.onReply?.(reply)
  }
  const summary = await call.summary
  line.end(summary.targeted)
  bar?.finish()
  if (sort) for (const list of [replies, held]) list.sort(bySender)
  for (const reply of held) screen.onReply?.(reply)
  const listed = choice.options.nodes !== undefined
  return { replies, summary, exitCode: exitCodeOf(summary, { strict: context.strict, listed }) }
}

export function bySender(a: CallReply, b: CallReply): number {
  return a.sender < b.sender ? -1 : a.sender > b.sender ? 1 : 0
}

/** The line whose number is written when it is known, once. */
function discoveryLine({ terminal }: CommandContext, title: string, stream: 'out' | 'err', shown: boolean) {
  let open = false
  return {
    begin(): void {
      if (!shown) return
      open = true
      // On standard output a line cannot be written in two parts: replies may come in between.
      if (stream === 'err') terminal.errPart(title)
    },
    open: (): boolean => open,
    end(found: number): void {
      if (!open) return
      open = false
      if (stream === 'out') terminal.out(`${title}${found}\n`)
      else terminal.err(String(found))
    },
  }
}
