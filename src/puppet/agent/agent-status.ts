// The Puppet agent's state and counts in the words the field uses, for agents and data plugins alike. [agents 5, 10.3]

import { numberOf, type PuppetValue } from './puppet-value.ts'
import type { RunState } from './run-state.ts'
import type { RunSummary } from './run-summary.ts'

/** The first that fits. */
export function agentStatusWord({
  enabled,
  applying,
  daemonPid,
}: Pick<RunState, 'enabled' | 'applying' | 'daemonPid'>): 'disabled' | 'applying a catalog' | 'idling' | 'stopped' {
  if (!enabled) return 'disabled'
  if (applying) return 'applying a catalog'
  return daemonPid === undefined ? 'stopped' : 'idling'
}

export interface RunCounts {
  readonly out_of_sync_resources: number
  readonly failed_resources: number
  readonly corrected_resources: number
  readonly changed_resources: number
  readonly total_resources: number
  readonly config_retrieval_time: number
  readonly total_time: number
  readonly lastrun: number
  readonly config_version: PuppetValue
}

/** The counts of a run under the names of the replies; what Puppet left out is 0. */
export function runCounts({ resources, time, lastRunAt, configVersion }: RunSummary): RunCounts {
  return {
    out_of_sync_resources: numberOf(resources.out_of_sync),
    failed_resources: numberOf(resources.failed),
    corrected_resources: numberOf(resources.corrective_change),
    changed_resources: numberOf(resources.changed),
    total_resources: numberOf(resources.total),
    config_retrieval_time: numberOf(time.config_retrieval),
    total_time: numberOf(time.total),
    lastrun: lastRunAt,
    config_version: configVersion,
  }
}
