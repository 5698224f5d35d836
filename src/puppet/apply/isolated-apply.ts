// Enforces single resources with `puppet apply` and leaves no trace in what the Puppet agent says of its own runs: summary, report and
// state go to a private folder. The catalogue goes in as JSON on standard input, so that nothing of it is ever parsed as code or by a
// shell; Puppet then always ends with 0, so its report decides. [agents 9.1, A7]

import { TroupeError } from '#base/errors.ts'
import { PUPPET_REPORT_BYTES_MAX } from '#base/limits.ts'
import type { PuppetMachine } from '../agent/puppet-machine.ts'
import { mapOf, type PuppetMap, type PuppetValue, textOf } from '../agent/puppet-value.ts'
import { logsOf, type RunLog } from '../agent/run-summary.ts'

export interface ResourceToApply {
  /** e.g. `File`, capitalized. */
  readonly type: string
  readonly title: string
  readonly parameters: Readonly<Record<string, PuppetValue>>
}

export interface AppliedResource {
  readonly failed: boolean
  readonly changed: boolean
  readonly events: readonly { readonly property: string; readonly message: string; readonly status: string }[]
  readonly logs: readonly RunLog[]
}

export interface ApplyOptions {
  readonly noop?: boolean
  readonly signal?: AbortSignal
}

/** Throws RPC_PUPPET_RUN when Puppet could not apply it at all, e.g. because it does not know the type. */
export async function applyIsolated(
  machine: PuppetMachine,
  program: string,
  resource: ResourceToApply,
  { noop = false, signal }: ApplyOptions = {},
): Promise<AppliedResource> {
  const folder = await machine.makeFolder()
  try {
    const reportFile = `${folder}/report.yaml`
    const files = { lastrunfile: 'summary.yaml', statefile: 'state.yaml', transactionstorefile: 'transactions.yaml' }
    const result = await machine.run(
      [
        ...([program, 'apply', '--catalog', '-', '--color=false', '--logdest', 'console'] as const),
        ...Object.entries(files).flatMap(([setting, file]) => [`--${setting}`, `${folder}/${file}`]),
        ...['--lastrunreport', reportFile, '--report', '--reports', 'none', noop ? '--noop' : '--no-noop'],
      ],
      { stdin: catalogOf(resource), ...(signal ? { signal } : {}) },
    )
    const report = await machine.readFile(reportFile, PUPPET_REPORT_BYTES_MAX)
    if (report === undefined || result.error !== undefined) throw notApplied(resource, result)
    const { parsePuppetYaml } = await import('../agent/puppet-yaml.ts')
    const { logs, resource_statuses: statuses } = mapOf(parsePuppetYaml(report))
    const status = mapOf(statuses)[nameOf(resource)]
    // A type that Puppet does not know is left out without a word.
    if (status === undefined)
      throw notApplied(resource, { ...result, error: `Could not find type ${resource.type.toLowerCase()}` })
    return outcomeOf(mapOf(status), logsOf(logs))
  } finally {
    await machine.removeFolder(folder)
  }
}

function catalogOf({ type, title, parameters }: ResourceToApply): string {
  const resource = { type, title, exported: false, tags: [], parameters }
  const rest = { edges: [], classes: [] }
  return JSON.stringify({ name: 'troupe', version: 1, environment: 'production', resources: [resource], ...rest })
}

function outcomeOf(status: PuppetMap, logs: readonly RunLog[]): AppliedResource {
  const events = Array.isArray(status.events) ? (status.events as readonly PuppetValue[]).map(mapOf) : []
  return {
    failed: status.failed === true,
    changed: status.changed === true,
    events: events.map((event) => ({
      property: textOf(event.property),
      message: textOf(event.message),
      status: textOf(event.status),
    })),
    logs,
  }
}

function nameOf({ type, title }: ResourceToApply): string {
  return `${type}[${title}]`
}

function notApplied(
  resource: ResourceToApply,
  { error, stderr, status }: { readonly error?: string; readonly stderr: string; readonly status: number },
): TroupeError {
  return new TroupeError(
    'RPC_PUPPET_RUN',
    `Failed to apply ${nameOf(resource)}: ${error ?? (complaintIn(stderr) || `puppet apply ended with status ${status}`)}`,
  )
}

/** The last error Puppet printed; those of Facter are about other things. */
function complaintIn(stderr: string): string {
  const errors = stderr.split('\n').filter((line) => /^Error: (?!Facter)/.test(line))
  return (errors.at(-1) ?? '').replace(/^Error: /, '').slice(0, 500)
}
