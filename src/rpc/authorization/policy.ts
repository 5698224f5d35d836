// ActionPolicy: which callers may run which actions on a node in which state. Decides; reading its file is parse-policy.ts, when to
// read it again the daemon's. Whatever cannot be decided is denied. [agents 14, A1, B-011]

import { messageOf } from '#base/errors.ts'
import type { Filter } from '#message/filter.ts'
import { evaluateFilter, type MatchSubject, type QueryData } from '../match/evaluate.ts'

/** What a denied caller is told, with status 1; the reason stays on the node. [agents 14.2] */
export const NOT_AUTHORIZED = 'You are not authorized to call this agent or action.'

export interface Policy {
  /** e.g. `/etc/puppetlabs/mcollective/policies/service.policy`. */
  readonly file: string
  readonly rules: readonly PolicyRule[]
  /** From `policy default`; null: the file has none. */
  readonly fallback: 'allow' | 'deny' | null
  /** Why the file could not be used; everything is denied then. */
  readonly broken?: string
}

export interface PolicyRule {
  readonly verdict: 'allow' | 'deny'
  /** Caller ids, groups resolved; null: everyone. */
  readonly callers: ReadonlySet<string> | null
  /** null: every action. */
  readonly actions: ReadonlySet<string> | null
  /** What the facts field and the classes field ask of the node. */
  readonly facts: Filter
  readonly classes: Filter
  readonly line: number
  /** The line as written, blanks for tabs, e.g. `allow cert=admin * * *`. */
  readonly text: string
}

export interface PolicyRequest {
  /** e.g. `cert=admin`. */
  readonly caller: string
  readonly action: string
  readonly subject: MatchSubject
  readonly queryData: QueryData
  /** `plugin.actionpolicy.allow_unconfigured`: decides when no rule matches and the file has no `policy default`. */
  readonly allowUnconfigured: boolean
}

export interface PolicyDecision {
  readonly allow: boolean
  /** For the log of the node and for dry runs, e.g. `line 3 allows it: allow cert=admin * * *`. */
  readonly reason: string
  /** Every rule that was looked at, in order, and what became of it. */
  readonly trail: readonly PolicyStep[]
}

export interface PolicyStep {
  readonly line: number
  readonly rule: string
  /** `undecided` ends in a denial. */
  readonly outcome: 'matched' | 'skipped' | 'undecided'
  /** e.g. `it is for other callers`. */
  readonly because: string
}

/** The first rule whose fields all match decides; else `policy default`, else `allowUnconfigured`. Never throws. */
export async function authorize(policy: Policy, request: PolicyRequest): Promise<PolicyDecision> {
  const trail: PolicyStep[] = []
  if (policy.broken !== undefined) return { allow: false, reason: policy.broken, trail }
  for (const rule of policy.rules) {
    const step = await consider(rule, request)
    trail.push(step)
    if (step.outcome === 'skipped') continue
    const allow = step.outcome === 'matched' && rule.verdict === 'allow'
    const reason =
      step.outcome === 'matched'
        ? `line ${rule.line} ${rule.verdict === 'allow' ? 'allows' : 'denies'} it: ${rule.text}`
        : `line ${rule.line} cannot be decided, so it is denied: ${step.because}`
    return { allow, reason, trail }
  }
  if (policy.fallback) {
    return {
      allow: policy.fallback === 'allow',
      reason: `no rule matches; policy default is ${policy.fallback}`,
      trail,
    }
  }
  const { allowUnconfigured: allow } = request
  const otherwise = allow ? 'allowed' : 'denied'
  return { allow, reason: `no rule matches and there is no policy default; unconfigured is ${otherwise}`, trail }
}

async function consider(rule: PolicyRule, request: PolicyRequest): Promise<PolicyStep> {
  const step = (outcome: PolicyStep['outcome'], because: string): PolicyStep => ({
    line: rule.line,
    rule: rule.text,
    outcome,
    because,
  })
  if (rule.callers && !rule.callers.has(request.caller)) return step('skipped', `it does not name ${request.caller}`)
  if (rule.actions && !rule.actions.has(request.action)) return step('skipped', `it does not name ${request.action}`)
  for (const part of ['facts', 'classes'] as const) {
    const evaluation = await evaluateFilter(rule[part], request.subject, strict(request.queryData))
    if (evaluation.result === 'mismatch') return step('skipped', `its ${part} do not match this node`)
    if (evaluation.result === 'error') return step('undecided', evaluation.reason)
  }
  return step('matched', 'caller, action, facts and classes match')
}

/** In a filter a plugin that is not there just does not match; a deny rule that vanished like this would let callers in. */
function strict(queryData: QueryData): QueryData {
  return async (source, query) => {
    const outputs = await queryData(source, query)
    if (!outputs) throw new Error(`this node has no data plugin '${source}' that takes this query`)
    return outputs
  }
}

/** A policy that denies everything and says why: for a file that cannot be read or understood. */
export function denyingPolicy(file: string, error: unknown): Policy {
  return { file, rules: [], fallback: 'deny', broken: messageOf(error) }
}
