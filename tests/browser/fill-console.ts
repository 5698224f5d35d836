// Work done on a console before one looks at it, so that no screen is empty: inspections, Puppet runs, actions good and bad, a clone, accounts, a token.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Job } from '../../src/console/api/jobs.ts'
import { type Answered, type Asker, previewOf, type TestConsole } from '../conformance/console.ts'

const TYPES = ['user', 'group', 'package', 'service', 'host', 'cron']
const WITHIN_MS = 60_000

export interface Filled {
  /** The job of this title, e.g. `puppet status`. */
  readonly jobs: ReadonlyMap<string, Job>
}

/** `troupe` must have nodes and the accounts viewer, operator and administrator; for `lab` the agent of the tests' libdir. */
export async function fillConsole(troupe: TestConsole, { lab = true } = {}): Promise<Filled> {
  const operator = await troupe.signedIn('operator', 'operator')
  const administrator = await troupe.signedIn('administrator', 'administrator')
  const nodes = troupe.nodes.map(({ identity }) => identity)
  const jobs = new Map<string, Job>()
  const act = async (asker: Asker, agent: string, action: string, inputs: object = {}, on = nodes): Promise<void> => {
    const job = await done(asker, await asker.post('/api/jobs', { kind: 'call', agent, action, inputs, nodes: on }))
    jobs.set(job.title, job)
  }
  const started = await operator.post('/api/resources/inspect', { types: TYPES, nodes })
  for (const { id } of started.body.jobs as { id: string }[]) await ended(operator, id)
  good(await operator.post('/api/puppet/refresh', {}))
  await act(operator, 'puppet', 'status')
  await act(operator, 'service', 'restart', { service: 'sshd' }, nodes.slice(0, 8))
  await act(administrator, 'package', 'status', { package: 'openssl' })
  if (lab) await act(operator, 'lab', 'status', { of: nodes[1] })
  await act(operator, 'puppet', 'runonce', {}, nodes.slice(0, 12))
  const request = { type: 'user', title: 'gopher', sourceNode: nodes[0], nodes: nodes.slice(1, 6), options: {} }
  const preview = good(await previewOf(operator, request)).body as { id: string; confirm?: string }
  const confirm = preview.confirm === undefined ? {} : { confirm: preview.confirm }
  const clone = await done(operator, await operator.post('/api/clones', { preview: preview.id, ...confirm }))
  jobs.set(clone.title, clone)
  good(await administrator.post('/api/tokens', { label: 'Nightly report', role: 'viewer' }))
  good(
    await operator.post('/api/groups', {
      name: 'Web servers',
      description: '',
      shared: false,
      filter: { name: 'web*' },
    }),
  )
  return { jobs }
}

function good(answer: Answered): Answered {
  if (answer.status >= 300) throw new Error(`the console refuses: ${answer.text}`)
  return answer
}

async function done(asker: Asker, answer: Answered): Promise<Job> {
  return ended(asker, good(answer).body.id)
}

async function ended(asker: Asker, id: string): Promise<Job> {
  for (const startedAt = performance.now(); performance.now() - startedAt < WITHIN_MS; await sleep(50)) {
    const { body } = await asker.get(`/api/jobs/${id}`)
    if (body.state !== 'running') return body as Job
  }
  throw new Error(`job ${id} does not end`)
}
