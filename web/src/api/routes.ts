// The console's HTTP table as types: what each address takes and gives. `call` in client.ts reads it; a new route is one line here.

import type { Static } from 'typebox'
import type { AuditPage, NewNodeGroup, NodeGroup, NodeGroups, Overview, RevisedSettings } from '#console/api/fleet.ts'
import type { Job, JobGroups, JobOutcome, JobPage, JobResults, NewJob, RunAgain } from '#console/api/jobs.ts'
import type {
  FactNames,
  FactValues,
  FilterCheck,
  NodeDetail,
  NodeFilter,
  NodeList,
  NodeMatch,
} from '#console/api/nodes.ts'
import type { LastRuns, RunReport, RunReports } from '#console/api/puppet.ts'
import type {
  ClonePreviewState,
  CloneRequest,
  Compare,
  Comparison,
  FindResource,
  Inspect,
  InspectStarted,
  ResourceList,
  ResourceSummary,
  ResourceVariants,
  Reveal,
  Revealed,
  SearchResources,
  StartClone,
  Undoable,
  VariantNodes,
  VariantQuestion,
} from '#console/api/resources.ts'
import type {
  Account,
  AccountChange,
  Accounts,
  ApiTokens,
  FirstAccount,
  MadeApiToken,
  NewAccount,
  NewApiToken,
  PasswordChange,
  Session,
  SignIn,
  SignInByLink,
} from '#console/api/session.ts'
import type { TaskAgents } from '#console/api/tasks.ts'
import type { Empty, NodeSelection } from '#console/api/words.ts'

type Nothing = Static<typeof Empty>
type NodesOf = Static<typeof VariantNodes>

export interface Routes {
  'GET /api/session': { answer: Session }
  'POST /api/session': { body: SignIn; answer: Session }
  'DELETE /api/session': { query: { everywhere?: boolean }; answer: Nothing }
  'POST /api/session/link': { body: SignInByLink; answer: Session }
  'POST /api/session/setup': { body: FirstAccount; answer: Session }
  'POST /api/session/password': { body: PasswordChange; answer: Nothing }

  'GET /api/accounts': { answer: Accounts }
  'POST /api/accounts': { body: NewAccount; answer: Account }
  'PATCH /api/accounts/:name': { body: AccountChange; answer: Account }
  'DELETE /api/accounts/:name': { answer: Nothing }
  'GET /api/tokens': { answer: ApiTokens }
  'POST /api/tokens': { body: NewApiToken; answer: MadeApiToken }
  'DELETE /api/tokens/:id': { answer: Nothing }
  'GET /api/audit': { query: { account?: string; what?: string; before?: string; limit?: number }; answer: AuditPage }
  'GET /api/settings': { answer: RevisedSettings }
  'PUT /api/settings': { body: RevisedSettings; answer: RevisedSettings }

  'GET /api/nodes': { answer: NodeList }
  'POST /api/nodes/refresh': { body: Nothing; answer: NodeList }
  'POST /api/nodes/match': { body: NodeFilter; answer: NodeMatch }
  'POST /api/nodes/check': { body: NodeFilter; answer: FilterCheck }
  'GET /api/nodes/:name': { answer: NodeDetail }
  'GET /api/nodes/:name/runs': { answer: RunReports }
  'GET /api/nodes/:name/runs/:id': { answer: RunReport }
  'GET /api/facts': { answer: FactNames }
  'GET /api/facts/:name': { answer: FactValues }
  'GET /api/classes': { answer: FactNames }
  'GET /api/agents': { answer: TaskAgents }

  'POST /api/jobs': { body: NewJob; answer: Job }
  'GET /api/jobs': {
    query: {
      kind?: string | undefined
      account?: string | undefined
      node?: string | undefined
      state?: string | undefined
      text?: string | undefined
      before?: string | undefined
      limit?: number
    }
    answer: JobPage
  }
  'GET /api/jobs/:id': { answer: Job }
  'GET /api/jobs/:id/groups': { query: { normalised?: boolean }; answer: JobGroups }
  'GET /api/jobs/:id/groups/:key/nodes': { query: { normalised?: boolean }; answer: NodesOf }
  'GET /api/jobs/:id/results': {
    query: { after?: string; limit?: number; outcome?: JobOutcome; group?: string; normalised?: boolean }
    answer: JobResults
  }
  'POST /api/jobs/:id/stop': { answer: Job }
  'POST /api/jobs/:id/again': { body: RunAgain; answer: Job }
  'GET /api/jobs/:id/undo': { answer: Undoable }
  'POST /api/jobs/:id/undo': { answer: Job }

  'POST /api/resources/inspect': { body: Inspect; answer: InspectStarted }
  'POST /api/resources/summary': { body: NodeSelection; answer: ResourceSummary }
  'POST /api/resources/:type/list': { body: NodeSelection; answer: ResourceList }
  'POST /api/resources/:type/search': { body: Static<typeof SearchResources>; answer: ResourceList }
  'POST /api/resources/:type/find': { body: FindResource; answer: ResourceVariants }
  'POST /api/resources/:type/variants': { body: FindResource; answer: ResourceVariants }
  'POST /api/resources/:type/nodes': { body: Static<typeof VariantQuestion>; answer: NodesOf }
  'POST /api/resources/:type/reveal': { body: Static<typeof Reveal>; answer: Static<typeof Revealed> }
  'POST /api/resources/:type/compare': { body: Compare; answer: Static<typeof Comparison> }
  'POST /api/clones/preview': { body: CloneRequest; answer: ClonePreviewState }
  'GET /api/clones/preview/:id': { query: { wait?: number }; answer: ClonePreviewState }
  'DELETE /api/clones/preview/:id': { answer: Nothing }
  'GET /api/clones/preview/:id/effects/:key/nodes': { answer: NodesOf }
  'POST /api/clones': { body: StartClone; answer: Job }

  'GET /api/puppet/runs': { answer: LastRuns }
  'POST /api/puppet/refresh': { answer: Job }
  'GET /api/overview': { answer: Overview }
  'POST /api/overview/ping': { answer: Job }
  'GET /api/groups': { answer: NodeGroups }
  'POST /api/groups': { body: NewNodeGroup; answer: NodeGroup }
  'PUT /api/groups/:id': { body: NewNodeGroup; answer: NodeGroup }
  'DELETE /api/groups/:id': { answer: Nothing }
}

export type RouteName = keyof Routes

type NamesIn<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | NamesIn<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never

/** What `call` takes beside the name of a route: `params` and `body` exactly when the route has them. */
export type AskOf<Name extends RouteName> = (NamesIn<Name> extends never
  ? { params?: undefined }
  : { params: Record<NamesIn<Name>, string> }) &
  (Routes[Name] extends { body: infer Body } ? { body: Body } : { body?: undefined }) &
  (Routes[Name] extends { query: infer Query } ? { query?: Query } : { query?: undefined }) & { signal?: AbortSignal }

export type AnswerOf<Name extends RouteName> = Routes[Name]['answer']
