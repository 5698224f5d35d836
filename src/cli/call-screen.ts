// Runs a call in front of an operator: discovery line, progress bar, Ctrl-C. What is done with each reply and what is printed at the
// end is the command's. [cli 6]

import type { CallHandle, CallOptions, CallReply, CallSummary } from '#client/api.ts'
import { callOptions } from './call-options.ts'
import type { CommandContext } from './command.ts'
import { discoveryTitle } from './discovery-line.ts'

export interface CallScreen {
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
  /** What the command adds to the options of the command line. */
  readonly options?: Partial<CallOptions>
}

/** Starts a call with the options of the command line, shows it until it ends, and returns its account. Throws what the call throws. */
export async function runCall(
  context: CommandContext,
  start: (options: CallOptions) => CallHandle<object>,
  screen: CallScreen,
): Promise<CallSummary> {
  const { terminal, options } = context
  const json = options.flag('json')
  const withBar = !json && screen.progress !== false && !options.flag('no-progress')
  const bar = withBar ? terminal.progress() : undefined
  const hold = (withBar && terminal.interactive) || options.flag('sort')
  const line = discoveryLine(context, screen, !json && (screen.discoveryLine === true || options.flag('verbose')))
  const chosen = await callOptions(context, { nodesFromStdin: screen.nodesFromStdin === true })
  line.begin()
  const held: CallReply[] = []
  const call = start({
    ...chosen,
    ...screen.options,
    signal: context.signal,
    onProgress({ replied, expected }) {
      if (expected === undefined) return
      line.end(expected)
      if (!hold) for (const reply of held.splice(0)) screen.onReply?.(reply)
      if (expected > 0) bar?.update(replied, expected)
    },
  }) as CallHandle
  context.onInterrupt(() => call.stop())
  for await (const reply of call) {
    // Nothing may stand between a discovery line on standard output and its number.
    if (hold || (screen.discoveryTo === 'out' && line.open())) held.push(reply)
    else screen.onReply?.(reply)
  }
  const summary = await call.summary
  line.end(summary.targeted)
  bar?.finish()
  if (options.flag('sort')) held.sort((a, b) => (a.sender < b.sender ? -1 : a.sender > b.sender ? 1 : 0))
  for (const reply of held) screen.onReply?.(reply)
  return summary
}

/** The line whose number is written when it is known, once. */
function discoveryLine(context: CommandContext, screen: CallScreen, shown: boolean) {
  const { terminal } = context
  let open = false
  return {
    begin(): void {
      if (!shown) return
      open = true
      // On standard output a line cannot be written in two parts: replies may come in between.
      if (screen.discoveryTo !== 'out') terminal.errPart(discoveryTitle(context))
    },
    open: (): boolean => open,
    end(found: number): void {
      if (!open) return
      open = false
      if (screen.discoveryTo === 'out') terminal.out(`${discoveryTitle(context)}${found}\n`)
      else terminal.err(String(found))
    },
  }
}
