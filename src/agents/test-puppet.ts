// For tests of the agents that work on Puppet: a machine given as data, and their actions called as the daemon does. Not part of the
// product.

import { readFileSync } from 'node:fs'
import { ManualClock } from '#base/clock.ts'
import type { Value, Values } from '#message/request.ts'
import { createPuppetAgent, type PuppetAgent } from '#puppet/agent/puppet-agent.ts'
import { createTestMachine, type TestMachine, type TestMachineOptions } from '#puppet/agent/test-machine.ts'
import type { Agent, Call, NodeView } from '#rpc/agent.ts'
import type { AgentDdl } from '#rpc/ddl/ddl.ts'
import { parseDdl } from '#rpc/ddl/parse.ts'

export const RUBY_PUPPET = ['/usr/bin/ruby', '/usr/bin/puppet', 'agent']

export interface Answer {
  readonly code: number
  readonly message: string
  readonly data: Values
}

export interface TestPuppet {
  readonly clock: ManualClock
  readonly machine: TestMachine
  readonly agent: Agent
  ask(action: string, data?: Values, settings?: Readonly<Record<string, string>>): Promise<Answer>
  /** Words of runs that were started, without the program. */
  started(): string[]
}

export function setUpPuppet(
  name: 'puppet' | 'puppetd',
  create: (ddl: AgentDdl, puppet: PuppetAgent, now: () => number) => Agent,
  options: Partial<TestMachineOptions> = {},
): TestPuppet {
  const clock = new ManualClock(1_795_325_340_000)
  const machine = createTestMachine({ clock, ...options })
  const text = readFileSync(new URL(`${name}/${name}.ddl`, import.meta.url), 'utf8')
  const ddl = parseDdl(text, { kind: 'agent', name, file: `${name}.ddl`, version: '3.0.0' })
  const agent = create(ddl, createPuppetAgent(machine), () => clock.now())
  return {
    clock,
    machine,
    agent,
    started: () =>
      machine.commands.filter((words) => words.includes('--onetime')).map((words) => words.slice(1).join(' ')),
    async ask(action, data = {}, settings = {}) {
      const node = { setting: (key: string) => settings[key] } as unknown as NodeView
      const reply: Record<string, Value> = {}
      const signal = new AbortController().signal
      const call = { action, data, reply, signal, caller: 'uid=500', progress: () => {} } as unknown as Call
      try {
        const outputs = await agent.actions[action]?.(call, node)
        return { code: 0, message: 'OK', data: { ...reply, ...outputs } }
      } catch (error) {
        const { statusCode, message } = error as { statusCode?: number; message: string }
        return { code: statusCode ?? 5, message, data: reply }
      }
    },
  }
}
