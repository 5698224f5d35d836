// The tables as the queries see them; migrations/ makes them. Truth is 0 or 1, times are milliseconds, JSON is text or packed bytes.

import type { Kysely, Transaction } from 'kysely'

export interface AccountTable {
  name: string
  display_name: string
  role: string
  source: string
  subject: string | null
  password_hash: string | null
  disabled: number
  failed_attempts: number
  locked_until_ms: number | null
  created_at_ms: number
  changed_at_ms: number
  last_sign_in_ms: number | null
}

export interface UnknownNameTable {
  name_hash: string
  failed_attempts: number
  locked_until_ms: number | null
  last_ms: number
}

export interface SessionTable {
  id_hash: string
  account: string | null
  csrf_secret: string
  created_at_ms: number
  last_used_ms: number
  expires_at_ms: number
  by_link: number
  data: string | null
}

export interface LinkTable {
  hash: string
  purpose: string
  account: string | null
  created_at_ms: number
  expires_at_ms: number
  used_at_ms: number | null
}

export interface TokenTable {
  id: string
  hash: string
  label: string
  account: string
  role: string
  created_at_ms: number
  expires_at_ms: number | null
  last_used_ms: number | null
}

export interface JobTable {
  id: string
  kind: string
  title: string
  agent: string
  action: string
  inputs: string | null
  account: string
  console: string
  state: string
  stop_reason: string | null
  problem: string | null
  command: string
  roll_out: string | null
  of_job: string | null
  detail: string | null
  summary: string | null
  /** title, agent, action and command in lower case. */
  search_text: string
  revision: number
  can_undo: number
  started_at_ms: number
  ended_at_ms: number | null
  deadline_ms: number | null
  /** How many lines of job_reply have been numbered. */
  replies: number
  targeted: number
  ok: number
  failed: number
  refused: number
  no_response: number
  not_addressed: number
  unknown: number
}

/** All targets of a job at once, until it is settled or they are written out as lines. */
export interface JobTargetTable {
  job: string
  /** Something may have been sent to every one of them. */
  sent: number
  /** JSON: a sorted list of names. */
  nodes: string
}

export interface JobLineTable {
  job: string
  node: string
  outcome: string
  sent: number
  /** Number of a line of job_reply. */
  reply: number | null
  elapsed_ms: number | null
  at_ms: number | null
}

/** What nodes of a job said, each distinct reply once, as far as could be seen when it came. */
export interface JobReplyTable {
  job: string
  number: number
  status_code: number | null
  message: string | null
  group_key: string | null
  normalised_key: string | null
  /** Characters of the JSON text; 0: there is none. */
  size: number
  cut: number
  data: Uint8Array | null
}

export interface JobBeforeTable {
  job: string
  node: string
  type: string
  /** Of the title, which may be too long for an index. */
  title_digest: string
  title: string
  step: number
  data: Uint8Array
}

export interface AuditTable {
  id: string
  at_ms: number
  account: string
  what: string
  detail: string
  address: string
}

export interface NodeGroupTable {
  id: string
  account: string
  name: string
  description: string
  shared: number
  filter: string | null
  nodes: Uint8Array | null
  changed_at_ms: number
}

export interface NodeTable {
  name: string
  state: string
  last_seen_ms: number | null
  missing_since_ms: number | null
  version: string | null
  never_ran: number | null
  disabled_reason: string | null
  last_run: string | null
  detail: Uint8Array | null
}

export interface ReportTable {
  node: string
  at_ms: number
  outcome: string
  changed: number
  failed: number
  out_of_sync: number
  total: number
  seconds: number
  environment: string | null
  config_version: string | null
  noop: number | null
  data: Uint8Array | null
}

/** Runs counted when they are entered: a day of a large fleet is half a million. */
export interface ReportHourTable {
  at_ms: number
  changed: number
  unchanged: number
  failed: number
}

export interface SettingTable {
  key: string
  value: string
  revision: number
}

export interface Schema {
  account: AccountTable
  session: SessionTable
  link: LinkTable
  token: TokenTable
  job: JobTable
  job_target: JobTargetTable
  job_line: JobLineTable
  /** A view: job_line, and those of job_target that have no line yet, waiting. */
  job_node: JobLineTable
  job_reply: JobReplyTable
  job_before: JobBeforeTable
  audit: AuditTable
  node_group: NodeGroupTable
  node: NodeTable
  report: ReportTable
  report_hour: ReportHourTable
  setting: SettingTable
  unknown_name: UnknownNameTable
}

export type Database = Kysely<Schema>
export type OpenTransaction = Transaction<Schema>
