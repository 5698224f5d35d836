// From the settings of a node to its fact source. `auto` decides anew at every refresh, so that facts.yaml counts from the
// moment Puppet writes it and Facter from the moment it is installed.

import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { createBackgroundFacts } from './background-facts.ts'
import type { FactCollector, FactSource } from './fact-source.ts'
import { createFacterCollector, type RunCommand } from './facter-collector.ts'
import { createYamlCollector } from './yaml-collector.ts'

export interface FactOptions {
  readonly source: 'auto' | 'yaml' | 'facter' | 'builtin'
  readonly yamlFiles: readonly string[]
  readonly cacheSeconds: number
  /** Absent: Facter is searched. */
  readonly facterCommand?: string | undefined
  readonly facterTimeoutSeconds: number
  /** Runs Facter; its output bound should be FACT_SOURCE_BYTES_MAX. */
  readonly run: RunCommand
  readonly builtin: FactCollector
  readonly clock: Clock
  readonly log?: Log
}

export function chooseFacts(options: FactOptions): FactSource {
  const { builtin, cacheSeconds, clock } = options
  const yaml = createYamlCollector(options.yamlFiles)
  const facter = createFacterCollector({
    run: options.run,
    ...(options.facterCommand === undefined ? {} : { command: options.facterCommand }),
    timeoutSeconds: options.facterTimeoutSeconds,
    underlay: builtin,
  })
  const common = { cacheSeconds, clock, ...(options.log ? { log: options.log } : {}) }
  switch (options.source) {
    case 'yaml':
      return createBackgroundFacts({ ...common, collector: yaml })
    case 'builtin':
      return createBackgroundFacts({ ...common, collector: builtin })
    case 'facter':
      return createBackgroundFacts({ ...common, collector: facter, initial: builtin })
    case 'auto': {
      let current = 'auto'
      const from = (collector: FactCollector, signal: AbortSignal) => {
        current = collector.name
        return collector.collect(signal)
      }
      const collector: FactCollector = {
        get name() {
          return current
        },
        async collect(signal) {
          if (await yaml.present()) return from(yaml, signal)
          return from((await facter.present()) ? facter : builtin, signal)
        },
        changed: async () => (await yaml.present()) && (await yaml.changed()),
      }
      const initial: FactCollector = {
        name: 'auto',
        collect: async (signal) => ((await yaml.present()) ? yaml : builtin).collect(signal),
      }
      return createBackgroundFacts({ ...common, collector, initial })
    }
  }
}
