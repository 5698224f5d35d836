// Runs a call in front of an operator: discovery line, progress bar, Ctrl-C. What is done with each reply and what is printed at the
// end is the command's. [cli 6]

import { TroupeError } from '#base/errors.ts'
import type { CallEvent, CallHandle, CallOptions, CallReply, CallSummary, Client } from '#client/api.ts'
import { batched, callChoice } from './call-options.ts'
import type { CommandContext } from './command.ts'
import { discoveryTitle } from './discovery-line.ts'
import { exitCodeOf } from './exit-codes.ts'
import { oneLine, type Progress } from './terminal.ts'

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
  const events = eventLines(context, bar)
  const replies: CallReply[] = []
  const held: CallReply[] = []
  const call = screen.start(client, {
    ...choice.options,
    signal: context.signal,
    ...(events ? { onEvent: (event) => events.show(event, line.open()) } : {}),
    onProgress({ phase, replied, expected }) {
      // While nodes are still being chosen, numbers are those of the discovery.
      if (phase === 'discovering' || expected === undefined) return
      line.end(expected)
      events?.release()
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
    events?.answered(reply.sender)
    // Nothing may stand between a discovery line and its number, also when both streams go into one file.
    if (hold || line.open()) held.push(reply)
    else screen.onReply?.(reply)
  }
  const summary = await call.summary
  line.end(summary.targeted)
  events?.release()
  bar?.finish()
  if (sort) for (const list of [replies, held]) list.sort(bySender)
  for (const reply of held) screen.onReply?.(reply)
  const listed = choice.options.nodes !== undefined
  return { replies, summary, exitCode: exitCodeOf(summary, { strict: context.strict, listed }) }
}

export function bySender(a: CallReply, b: CallReply): number {
  return a.sender < b.sender ? -1 : a.sender > b.sender ? 1 : 0
}

/**
 * What nodes say while they work: the latest beside the bar, with -v each on a line of its own. Absent where nobody would see it: then nodes
 * are not asked to say anything.
 */
function eventLines({ terminal, verbose }: CommandContext, bar: Progress | undefined) {
  const onBar = bar !== undefined && terminal.interactive
  if (!onBar && !verbose) return undefined
  const early: string[] = []
  let latest = ''
  const print = (text: string): void => (onBar ? bar.line(text) : terminal.err(text))
  return {
    show({ sender, text, percent }: CallEvent, notYet: boolean): void {
      const share = percent === undefined ? '' : `${percent}% `
      const said = `${oneLine(sender)}: ${share}${oneLine(text)}`
      latest = sender
      if (!verbose) bar?.note(said)
      else if (notYet) early.push(said)
      else print(said)
    },
    /** The discovery line has its number. */
    release(): void {
      for (const text of early.splice(0)) print(text)
    },
    answered(sender: string): void {
      if (sender === latest) bar?.note('')
    },
  }
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
