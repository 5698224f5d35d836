// The broker is killed under 2,000 connected nodes and started again: how long until all of them answer, and what becomes of the
// call that was under way.

import { setTimeout as sleep } from 'node:timers/promises'
import type { TimedCall } from './calling-client.ts'
import { type LargeFleet, startLargeFleet } from './fleet-2000.ts'
import { type BenchContext, type Result, row } from './measurement.ts'

/** Into the call when the broker dies, milliseconds: some nodes have answered by then. */
const KILL_AFTER_MS = [60, 120, 200, 300, 450]
/** Pings that look for all nodes wait no longer. */
const PING_SECONDS = 2
const BACK_WITHIN_MS = 60_000

export async function measure(context: BenchContext): Promise<Result> {
  const count = context.quick ? 200 : 2000
  const fleet = await startLargeFleet(count, context)
  const { client } = fleet
  const ask = async (): Promise<TimedCall> => (await client.ask<TimedCall[]>('call', { runs: 1 }))[0]!
  const [connectedMs, backMs, inFlight]: [number[], number[], TimedCall[]] = [[], [], []]
  try {
    await ask()
    for (const killAfterMs of context.quick ? [100] : KILL_AFTER_MS) {
      const flying = ask()
      await sleep(killAfterMs)
      const diedAt = performance.now()
      await fleet.restartBroker()
      context.say(
        `the broker died ${killAfterMs} ms into a call and listens again after ${Math.round(performance.now() - diedAt)} ms`,
      )
      void flying.then((flown) => {
        inFlight.push(flown)
        context.say(`the call under way: ${accountOf(flown)} after ${Math.round(flown.ms)} ms`)
      })
      connectedMs.push(await untilAllConnected(fleet, count, diedAt))
      context.say(`all are connected ${connectedMs.at(-1)!.toFixed(0)} ms after its death`)
      backMs.push(await untilAllAnswer(fleet, count, diedAt, context))
      await flying
      context.say(`all answer ${backMs.at(-1)!.toFixed(0)} ms after its death`)
    }
    const named = inFlight.filter(({ summary }) => isAccounted(summary) && summary.targeted === count).length
    return {
      rows: [
        row(`from the broker's death until all ${count} nodes are connected`, 'ms', connectedMs),
        row(`from the broker's death until all ${count} nodes answer`, 'ms', backMs, {
          ...{ atMost: 10_000, at: 'max', complete: `${backMs.length} of ${backMs.length}` },
        }),
        row(
          'nodes that answered the call under way',
          'nodes',
          inFlight.map(({ summary }) => summary.ok),
        ),
        row(
          'nodes named as silent by the call under way',
          'nodes',
          inFlight.map((f) => f.summary.noResponse.length),
          {
            ...{ complete: `${named} of ${inFlight.length}`, note: 'complete: every node is in the account' },
          },
        ),
        row(
          'the call under way ended after',
          'ms',
          inFlight.map(({ ms }) => ms),
        ),
      ],
    }
  } finally {
    await fleet.stop()
  }
}

async function untilAllConnected({ nodes }: LargeFleet, count: number, diedAt: number): Promise<number> {
  for (;;) {
    const connected = await Promise.all(nodes.map((program) => program.ask<number>('connected')))
    // The keeper is a process of its own, and cannot be asked.
    if (connected.reduce((sum, n) => sum + n, 0) === count - 1) return performance.now() - diedAt
    giveUp(diedAt)
    await sleep(100)
  }
}

async function untilAllAnswer(
  { client }: LargeFleet,
  count: number,
  diedAt: number,
  context: BenchContext,
): Promise<number> {
  for (;;) {
    const [call] = await client.ask<TimedCall[]>('call', { runs: 1, timeoutSeconds: PING_SECONDS })
    if (call!.summary.ok === count) return performance.now() - diedAt
    context.say(`${Math.round(performance.now() - diedAt)} ms after its death: ${accountOf(call!)}`)
    giveUp(diedAt)
  }
}

function giveUp(diedAt: number): void {
  if (performance.now() - diedAt > BACK_WITHIN_MS) throw new Error('broker-restart: the nodes do not come back')
}

function isAccounted({ targeted, ok, failed, refused, noResponse, notAddressed }: TimedCall['summary']): boolean {
  return targeted === ok + failed + refused + noResponse.length + notAddressed.length
}

function accountOf({ summary }: TimedCall): string {
  return `${summary.ok} of ${summary.targeted} by ${summary.discovery}, ${summary.noResponse.length} named as silent`
}
