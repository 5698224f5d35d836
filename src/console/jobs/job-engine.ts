// Starts jobs, keeps hold of those that run, stops them, repeats them, and finds them again after a crash. What a job does is run-call.ts,
// run-all-job.ts, or the work that somebody else hands in (inspection, clones). [live 7, 8, 10] [issue: job history, crash]

import type { Clock } from '#base/clock.ts'
import { isTroupeError, messageOf, TroupeError } from '#base/errors.ts'
import { isMap } from '#base/is-map.ts'
import { JOB_INPUT_VALUES_MAX, JOBS_RUNNING_MAX, JOBS_RUNNING_PER_ACCOUNT_MAX } from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import { isSecretName, MASKED, maskSecrets } from '#base/secret-names.ts'
import type { CallReply, Client } from '#client/api.ts'
import { type Count, groupSizeOf } from '#client/limit.ts'
import type { Values } from '#message/request.ts'
import { isKnownToLook } from '#rpc/acting.ts'
import { type RunningSummaries, type SummaryBlock, startSummaries } from '#rpc/aggregate/summarize.ts'
import type { ActionDdl, AgentDdl } from '#rpc/ddl/ddl.ts'
import { checkInputs, findAction } from '#rpc/validate/check-inputs.ts'
import type { JobKind, JobRecord } from '#store/job-records.ts'
import { type CommandTarget, rpcCommand, runAllCommand } from '../api/command-line.ts'
import type { Job, JobGroups, NewJob, RollOut, RunAgain } from '../api/jobs.ts'
import type { NodeFilter } from '../api/nodes.ts'
import type { ConsoleParts } from '../parts.ts'
import { PUPPETRAL } from '../resources/ask-nodes.ts'
import { atLeast } from '../roles.ts'
import type { Caller } from '../route.ts'
import { createAnswerKeys } from './answer-key.ts'
import { jobOf } from './job-view.ts'
import { runPuppetOnAll } from './run-all-job.ts'
import { type CallEnd, type CallPlan, runCall } from './run-call.ts'
import { createRunningJob, type JobRun, type NodeResult, type RunningJob, storeProblemOf } from './running-job.ts'

/** What a job is, for who brings the work along. */
export interface JobPlan {
  readonly kind: JobKind
  /** e.g. `Clone user gopher`. */
  readonly title: string
  readonly agent: string
  readonly action: string
  /** Secrets are masked here. */
  readonly inputs: Readonly<Record<string, unknown>>
  readonly nodes: readonly string[]
  /** What to type for the same. */
  readonly command: string
  readonly rollOut?: RollOut | undefined
  readonly of?: string | undefined
  /** JSON, kept as it is: never secrets. */
  readonly detail?: unknown
  readonly deadlineMs?: number | undefined
  /** true: does not count among the account's running jobs (inspections come one per type). */
  readonly uncounted?: boolean
}

/** What the work of a job has in its hands. */
export interface JobHands extends JobRun {
  readonly client: Client
  /** One action on nodes of the job; see run-call.ts. Replies are the nodes' lines unless `record` is false. */
  call(plan: CallPlan): Promise<CallEnd>
}

export interface JobEngine {
  /** POST /api/jobs. Throws CONSOLE_INVALID, CONSOLE_NOT_ALLOWED, CONSOLE_TOO_MANY, CONSOLE_NO_BUS, CONSOLE_STORE. */
  start(caller: Caller, job: NewJob, of?: string): Promise<Job>
  /** A job whose work is brought along. It must have passed every check but the number of jobs. Resolves as soon as it runs. */
  begin(caller: Caller, plan: JobPlan, work: (hands: JobHands) => Promise<void>): Promise<Job>
  /** Nothing more is begun; a second time nothing is waited for. Throws CONSOLE_NOT_FOUND, CONSOLE_CONFLICT: it does not run. */
  stop(caller: Caller, id: string): Promise<Job>
  again(caller: Caller, id: string, how: RunAgain): Promise<Job>
  /** Throws CONSOLE_NOT_FOUND. */
  get(id: string): Promise<Job>
  /** With what it tells at the moment. */
  shown(record: JobRecord): Job
  aggregates(record: JobRecord): Promise<JobGroups['aggregates']>
  /** Resolves when the job has ended, e.g. in tests. */
  ended(id: string): Promise<void>
  /** Hears every line of every job, as it comes, but not of nodes that are no longer waited for when it was stopped. */
  onResult(listener: (result: NodeResult, job: { readonly agent: string; readonly action: string }) => void): void
  /** At the start of the console, before anything else: jobs that a crash ended. Answers how many. */
  recover(): Promise<number>
  /** Why what jobs hear cannot be written down; undefined: it can. */
  storeProblem(): string | undefined
  /** Ends all jobs, with what has arrived. */
  close(): Promise<void>
}

export interface JobEngineParts {
  readonly store: ConsoleParts['store']
  readonly clock: Clock
  readonly log: Log
  readonly events: ConsoleParts['events']
  readonly plugins: ConsoleParts['plugins']
  readonly clientOf: ConsoleParts['clientOf']
  readonly audit: ConsoleParts['audit']
  readonly collective: string
  readonly discoveryTimeoutSeconds: number
  /** Whether a word is the name of a node, for normalised groups. */
  isNode(word: string): boolean
  /** How the command line says these nodes. Default: by name. */
  targetOf?(nodes: readonly string[], filter: NodeFilter | undefined): Promise<CommandTarget>
  /** `AGENT.ACTION` of the site that only look. */
  readonly looking?: ReadonlySet<string>
  /** Outputs of the site that are volatile. */
  readonly volatile?: ReadonlySet<string>
}

interface Active {
  readonly running: RunningJob
  readonly account: string
  readonly counted: boolean
  readonly ended: Promise<void>
  readonly summaries: RunningSummaries | undefined
}

export function createJobEngine(parts: JobEngineParts): JobEngine {
  const { store, clock, log, events, plugins } = parts
  const active = new Map<string, Active>()
  /** Those that are being entered into the store; they count as running. */
  const entering: string[] = []
  const listeners: ((result: NodeResult, job: { readonly agent: string; readonly action: string }) => void)[] = []
  let closed = false
  const ending = new AbortController()
  /** By job: why the store takes nothing. */
  const storeProblems = new Map<string, string>()

  const storeProblem = (): string | undefined => storeProblems.values().next().value
  return { start, begin, stop, again, get, shown, aggregates, recover, close, ended, onResult, storeProblem }

  async function start(caller: Caller, job: NewJob, of?: string): Promise<Job> {
    const nodes = [...new Set(job.nodes)]
    if (nodes.length === 0) throw invalid('nodes', 'no node is selected')
    if (valuesIn(job.inputs) > JOB_INPUT_VALUES_MAX) throw invalid('inputs', 'they have too many values')
    const [agent, action] = job.kind === 'call' ? [job.agent, job.action] : ['puppet', 'runonce']
    const { ddl, declared } = declaredAction(plugins, agent, action)
    if (!isKnownToLook(agent, declared, parts.looking) && !atLeast(caller.role, 'operator')) {
      const message = `${caller.account} may not start ${agent} ${action}: it may change nodes, which takes the role operator`
      throw new TroupeError('CONSOLE_NOT_ALLOWED', message)
    }
    const inputs = checkedInputs(declared, agent, job.inputs as Values)
    if (agent === PUPPETRAL && inputs.reveal === true) {
      // Everybody may read a job, and not every secret has a name that tells.
      throw invalid(
        'inputs.reveal',
        'a job keeps what nodes answer: secrets are revealed on the page of their resource',
      )
    }
    const target = (await parts.targetOf?.(nodes, job.filter)) ?? { kind: 'nodes', nodes }
    const masked = maskSecrets(inputs) as Values
    const common = { agent, action, inputs, nodes, of, detail: { job: { ...job, inputs: {}, nodes: [] } } }
    if (job.kind === 'runall') {
      const failuresMax = countOf(job.maxFailures, nodes.length)
      const { concurrency, maxFailures } = job
      const command = runAllCommand({ concurrency, inputs: masked, target, maxFailures })
      const title = `Puppet on all, ${concurrency} at a time`
      return launch(caller, { ...common, kind: 'runall', title, command }, declared, (hands) =>
        runPuppetOnAll(hands.client, clock, hands, {
          ...{ concurrency, inputs, collective: parts.collective },
          ...(failuresMax === undefined ? {} : { failuresMax }),
        }),
      )
    }
    const { rollOut } = job
    if (rollOut?.maxFailures !== undefined && rollOut.batch === undefined)
      throw invalid('rollOut.maxFailures', 'it needs groups: otherwise every node is addressed before the first answer')
    const commandTarget = rollOut?.canary === undefined ? target : ({ kind: 'nodes', nodes } as const)
    const command = rpcCommand({ agent, action, inputs: masked, target: commandTarget, rollOut })
    const deadlineMs = clock.now() + waitMs(ddl, rollOut, nodes.length)
    const plan: JobPlan = { ...common, kind: 'call', title: `${agent} ${action}`, command, rollOut, deadlineMs }
    return launch(caller, plan, declared, async (hands) => {
      const end = await hands.call({ agent, action, inputs, rollOut })
      if (end.rejected > 0)
        hands.fail(`${end.rejected} messages could not be trusted or understood: ${end.rejectedReason ?? ''}`)
    })
  }

  async function begin(caller: Caller, plan: JobPlan, work: (hands: JobHands) => Promise<void>): Promise<Job> {
    return launch(caller, plan, undefined, work)
  }

  async function launch(
    caller: Caller,
    plan: JobPlan,
    declared: ActionDdl | undefined,
    work: (hands: JobHands) => Promise<void>,
  ): Promise<Job> {
    const counted = plan.uncounted !== true
    if (closed) throw new TroupeError('CONSOLE_NO_BUS', 'cannot start a job: the console is being stopped')
    if (counted) mayRun(caller.account)
    entering.push(caller.account)
    try {
      const client = await parts.clientOf(caller)
      const id = store.newId()
      const { kind, title, agent, action, command, rollOut, of, detail, deadlineMs } = plan
      await parts.audit(caller, 'job', {
        id,
        kind,
        agent,
        action,
        nodes: plan.nodes.length,
        inputs: maskSecrets(plan.inputs),
      })
      const record = await store.jobs.insert(
        {
          ...{ id, kind, title, agent, action, command, account: caller.account, startedAtMs: clock.now() },
          inputs: maskSecrets(plan.inputs),
          ...(rollOut === undefined ? {} : { rollOut }),
          ...(of === undefined ? {} : { of }),
          ...(detail === undefined ? {} : { detail }),
          ...(deadlineMs === undefined ? {} : { deadlineMs }),
        },
        plan.nodes,
      )
      const summaries = declared && declared.aggregates.length > 0 ? startSummaries(declared) : undefined
      const running = createRunningJob({
        ...{ record, nodes: plan.nodes, store, clock, log },
        keysOf: createAnswerKeys({
          ...{ agent, action, isNode: parts.isNode },
          ...(parts.volatile ? { volatile: parts.volatile } : {}),
        }),
        tell: (now, latest) => events.publish({ type: 'job', job: jobOf(now, latest) }),
        onResult(result) {
          if (result.data !== undefined && summaries) summaries.add(replyOf(result))
          // Who is no longer waited for has not been silent.
          if (result.cutShort) return
          for (const listener of listeners) listener(result, { agent, action })
        },
        giveUp: ending.signal,
        onStore(problem) {
          const before = storeProblem()
          if (problem === undefined) storeProblems.delete(id)
          else storeProblems.set(id, problem)
          if (before !== storeProblem()) events.publish({ type: 'nodes', asOfMs: clock.now() })
        },
        ...(summaries ? { summary: () => ({ aggregates: aggregateRows(summaries.blocks()) }) } : {}),
      })
      const hands: JobHands = {
        ...running.run,
        client,
        call: (call) => runCall(client, running.run, { collective: parts.collective, ...call }),
      }
      const ended = work(hands)
        .catch((error) => {
          if (isTroupeError(error) && error.code.startsWith('STORE_')) log.error(`job ${id}: ${error.message}`)
          else if (!isTroupeError(error))
            log.error(`job ${id}: ${error instanceof Error ? (error.stack ?? error.message) : error}`)
          running.run.fail(problemOf(error))
        })
        .then(() => running.end())
        .finally(() => {
          active.delete(id)
          storeProblems.delete(id)
        })
      active.set(id, { running, account: caller.account, counted, ended, summaries })
      events.publish({ type: 'job', job: jobOf(record) })
      return jobOf(record)
    } finally {
      entering.splice(entering.indexOf(caller.account), 1)
    }
  }

  function mayRun(account: string): void {
    const all = [...active.values()].filter(({ counted }) => counted)
    const own = all.filter((one) => one.account === account).length + entering.filter((one) => one === account).length
    if (own >= JOBS_RUNNING_PER_ACCOUNT_MAX || all.length + entering.length >= JOBS_RUNNING_MAX) {
      const message = `cannot start a job: ${own} jobs of ${account} are running, ${JOBS_RUNNING_PER_ACCOUNT_MAX} are allowed; wait for one or stop it`
      throw new TroupeError('CONSOLE_TOO_MANY', message)
    }
  }

  async function stop(caller: Caller, id: string): Promise<Job> {
    const record = await recordOf(id)
    const job = active.get(id)
    if (record.account !== caller.account && !atLeast(caller.role, 'operator'))
      throw new TroupeError('CONSOLE_NOT_ALLOWED', `${caller.account} may not stop a job of ${record.account}`)
    if (!job) throw new TroupeError('CONSOLE_CONFLICT', `cannot stop job ${id}: it is ${record.state}`)
    await parts.audit(caller, 'job-stopped', { id })
    job.running.stop(`stopped by ${caller.account}`)
    return shown(job.running.record())
  }

  async function again(caller: Caller, id: string, how: RunAgain): Promise<Job> {
    const record = await recordOf(id)
    const kept = (record.detail as { job?: NewJob } | undefined)?.job
    if (!kept || (record.kind !== 'call' && record.kind !== 'runall'))
      throw new TroupeError('CONSOLE_CONFLICT', `cannot repeat job ${id}: begin a new one on its own page`)
    const { outcomes, group, normalised } = how
    const nodes = await store.jobs.nodesOf(id, {
      ...(outcomes && outcomes.length > 0 ? { outcomes } : {}),
      ...(group === undefined ? {} : normalised ? { normalisedGroup: group } : { group }),
    })
    if (group !== undefined && nodes.length === 0) throw invalid('group', `job ${id} has no nodes in it`)
    const { filter: _filter, ...rest } = kept
    const inputs = { ...((record.inputs ?? {}) as Record<string, unknown>), ...how.inputs }
    const hidden = Object.keys(inputs).filter((name) => isMasked(inputs[name]) || holdsMasked(inputs[name]))
    if (hidden.length > 0) {
      const fields = Object.fromEntries(
        hidden.map((name) => [`inputs.${name}`, 'secrets are not kept: enter it again']),
      )
      const message = `cannot repeat job ${id}: ${hidden.join(', ')} ${hidden.length === 1 ? 'is' : 'are'} not kept`
      throw new TroupeError('CONSOLE_INVALID', message, { details: { fields } })
    }
    return start(caller, { ...rest, inputs, nodes } as NewJob, id)
  }

  async function recordOf(id: string): Promise<JobRecord> {
    const record = await store.jobs.get(id)
    if (record) return record
    throw new TroupeError('CONSOLE_NOT_FOUND', `there is no job ${id}: it may have been deleted by its age`)
  }

  async function get(id: string): Promise<Job> {
    return shown(await recordOf(id))
  }

  function shown(record: JobRecord): Job {
    const problem = storeProblems.get(record.id)
    const told = problem === undefined ? record : { ...record, problem }
    return jobOf(told, active.get(record.id)?.running.latest())
  }

  async function aggregates(record: JobRecord): Promise<JobGroups['aggregates']> {
    const running = active.get(record.id)?.summaries
    if (running) return aggregateRows(running.blocks())
    const kept = (record.summary as { aggregates?: JobGroups['aggregates'] } | undefined)?.aggregates
    return kept ?? []
  }

  async function ended(id: string): Promise<void> {
    await active.get(id)?.ended
  }

  function onResult(listener: (typeof listeners)[number]): void {
    listeners.push(listener)
  }

  async function recover(): Promise<number> {
    const lost = await store.jobs.interrupted(clock.now())
    for (const { id, agent, action, counts } of lost)
      log.warn(`job ${id} (${agent} ${action}) was interrupted: of ${counts.unknown} nodes nobody knows what they did`)
    return lost.length
  }

  async function close(): Promise<void> {
    closed = true
    ending.abort()
    const all = [...active.values()]
    for (const { running } of all) {
      running.stop('the console was stopped')
      running.stop('')
    }
    await Promise.all(all.map((one) => one.ended))
  }

  /** Milliseconds after which the last group is over at the latest. */
  function waitMs({ metadata }: AgentDdl, rollOut: RollOut = {}, nodes: number): number {
    const each = rollOut.timeoutSeconds ?? metadata.timeoutSeconds + parts.discoveryTimeoutSeconds
    const size = countOf(rollOut.batch, nodes) ?? nodes
    const groups = Math.ceil(nodes / Math.max(size, 1)) + (rollOut.canary === undefined ? 0 : 1)
    return (groups * each + (groups - 1) * (rollOut.batchSleepSeconds ?? 1)) * 1000
  }
}

/** Throws CONSOLE_NOT_FOUND when no such agent or action is installed. */
export function declaredAction(
  plugins: ConsoleParts['plugins'],
  agent: string,
  action: string,
): { readonly ddl: AgentDdl; readonly declared: ActionDdl } {
  try {
    const ddl = plugins.load('agent', agent) as AgentDdl
    return { ddl, declared: findAction(ddl, action) }
  } catch (error) {
    if (!isTroupeError(error, 'DDL_NOT_FOUND', 'DDL_UNKNOWN_ACTION')) throw error
    throw new TroupeError('CONSOLE_NOT_FOUND', messageOf(error), { cause: error })
  }
}

/** All that is wrong with the inputs, by field. Throws CONSOLE_INVALID. */
function checkedInputs(action: ActionDdl, agent: string, inputs: Values): Values {
  const fields: Record<string, string> = {}
  for (const input of action.inputs) {
    try {
      checkInputs({ ...action, inputs: [input] }, agent, inputs)
    } catch (error) {
      const { message } = error as Error
      const bare = isTroupeError(error, 'DDL_MISSING_INPUT')
        ? 'is required'
        : message.replace(/^Cannot validate input [^:]*: /, '')
      fields[`inputs.${input.name}`] = bare
    }
  }
  const names = Object.keys(fields)
  if (names.length === 0) return checkInputs(action, agent, inputs)
  const first = names[0] ?? ''
  const message = `cannot call ${agent} ${action.name}: ${first.slice('inputs.'.length)}: ${fields[first]}`
  throw new TroupeError('CONSOLE_INVALID', message, { details: { fields } })
}

/** What a failure of the store says of files is for the log. */
function problemOf(error: unknown): string {
  if (!isTroupeError(error) || !error.code.startsWith('STORE_')) return messageOf(error)
  return `${storeProblemOf(error)}: nothing more was sent`
}

function invalid(field: string, why: string): TroupeError {
  return new TroupeError('CONSOLE_INVALID', `${field}: ${why}`, { details: { fields: { [field]: why } } })
}

/** `10` or `25%` of so many, rounded up. */
export function countOf(count: number | string | undefined, of: number): number | undefined {
  return typeof count === 'string' ? groupSizeOf(count as Count, of) : count
}

function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  let count = 1
  for (const inner of Object.values(value)) {
    count += valuesIn(inner)
    if (count > JOB_INPUT_VALUES_MAX) break
  }
  return count
}

const isMasked = (value: unknown): boolean => value === MASKED

function holdsMasked(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([name, inner]) => (isSecretName(name) && isMasked(inner)) || holdsMasked(inner))
}

function replyOf({ node, statusCode = 0, data }: NodeResult): Pick<CallReply, 'sender' | 'statusCode' | 'data'> {
  return { sender: node, statusCode, data: isMap(data) ? (data as Values) : {} }
}

/** As the command line shows them: a row per value and count, or one line. */
function aggregateRows(blocks: readonly SummaryBlock[]): JobGroups['aggregates'] {
  return blocks.map(({ title, result, lines }) => ({
    title: title.replace(/:$/, ''),
    rows:
      result?.kind === 'counts'
        ? [...result.counts]
            .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
            .slice(0, AGGREGATE_ROWS_MAX)
            .map(([value, count]) => ({ value: cutText(value), count }))
        : lines.slice(0, AGGREGATE_ROWS_MAX).map((line) => ({ value: cutText(line.trim()) })),
  }))
}

const AGGREGATE_ROWS_MAX = 500
/** Of a value in a summary: to be recognised by, not to be read. */
const AGGREGATE_TEXT_MAX = 1_000

function cutText(text: string): string {
  return text.length <= AGGREGATE_TEXT_MAX ? text : `${text.slice(0, AGGREGATE_TEXT_MAX)}...`
}
