// Resources of this machine, by way of its own Puppet: finds the Ruby, and keeps one worker for everybody who asks. [agents 9]

import type { Clock } from '#base/clock.ts'
import { TroupeError } from '#base/errors.ts'
import type { Log } from '#base/log.ts'
import type { PuppetMachine } from '../agent/puppet-machine.ts'
import { findRuby, ralProcesses } from './ral-process.ts'
import { createRalWorker, type RalWorker } from './ral-worker.ts'
import { createRal, type Ral } from './resource.ts'

export interface RalAccess {
  readonly ral: Ral
  /** Why resources cannot be asked for on this machine; undefined: they can. `ruby`: the operator's choice of a program. */
  unavailable(ruby?: string): Promise<string | undefined>
  /** Starts the worker now, and keeps one ready until `stop`. Nothing happens where resources are unavailable. */
  keepReady(): void
  /** Ends the worker, if there is one; the next question starts another one. */
  stop(): Promise<void>
}

/** `script`: the path of ral-worker.rb. */
export function openRal(parts: {
  readonly machine: Pick<PuppetMachine, 'findProgram' | 'readFile'>
  readonly clock: Clock
  readonly log: Log
  readonly script: string
}): RalAccess {
  const { machine, clock, log, script } = parts
  let known: { readonly ruby: string; readonly worker: RalWorker } | undefined

  async function stop(): Promise<void> {
    const last = known
    known = undefined
    await last?.worker.stop()
  }

  async function locate(wanted?: string): Promise<string | undefined> {
    const choice = await findRuby(machine, wanted)
    if ('missing' in choice) {
      await stop()
      return choice.missing
    }
    if (known?.ruby === choice.ruby) return undefined
    await stop()
    const { ruby } = choice
    known = { ruby, worker: createRalWorker({ start: ralProcesses(ruby, script), clock, log }) }
    return undefined
  }

  const worker: Pick<RalWorker, 'ask'> = {
    async ask(question, options) {
      const missing = known ? undefined : await locate()
      if (!known) throw new TroupeError('RPC_PUPPET_WORKER', `no resource can be asked for: ${missing}`)
      return known.worker.ask(question, options)
    },
  }
  return { ral: createRal(worker), unavailable: locate, keepReady: () => known?.worker.keepReady(), stop }
}
