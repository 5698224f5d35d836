// Policies as files: `<configdir>/policies/<agent>.policy`, else the default one if that is enabled. Looked at with every request, so
// that changes take effect at once; read again only when they have changed. What cannot be read, understood or trusted
// denies everything. What a policy means is rpc/authorization. [agents 14]

import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '#base/errors.ts'
import { POLICY_FILE_BYTES_MAX } from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import type { NodeView } from '#rpc/agent.ts'
import { type Groups, parseGroups, parsePolicy } from '#rpc/authorization/parse-policy.ts'
import { authorize, denyingPolicy, type Policy } from '#rpc/authorization/policy.ts'
import { untrustedBecause } from './agent-files.ts'
import type { Verdict } from './dispatch.ts'
import { dataQueryOf, subjectOf } from './match-node.ts'

export interface PolicyFilesOptions {
  /** e.g. `/etc/puppetlabs/mcollective/policies`. */
  readonly directory: string
  readonly allowUnconfigured: boolean
  readonly useDefaultPolicy: boolean
  /** Without `.policy`. */
  readonly defaultPolicyName: string
  readonly log: Log
}

/** Decides calls by the policy files: `authorize({ agent: 'service', action: 'stop', caller: 'cert=ops' }, node)`. */
export function createPolicyFiles(options: PolicyFilesOptions) {
  const { directory, allowUnconfigured, log } = options
  const policies = new Map<string, { signature: string; policy: Policy }>()
  const groupsFile = join(directory, 'groups')

  /** The policy of a file as it is now; undefined: there is none. */
  const policyOf = (file: string): Policy | undefined => {
    let signature: string
    try {
      const own = signatureOf(file)
      if (own === undefined) return undefined
      signature = `${own} ${signatureOf(groupsFile)}`
    } catch (error) {
      return denyingPolicy(file, error)
    }
    const known = policies.get(file)
    if (known?.signature === signature) return known.policy
    let policy: Policy
    try {
      policy = parsePolicy(readTrusted(file), file, readGroups(groupsFile))
      log.info(`using policy ${file}`, { rules: policy.rules.length })
    } catch (error) {
      policy = denyingPolicy(file, error)
      log.error(`policy ${file} denies everything: ${messageOf(error)}`)
    }
    policies.set(file, { signature, policy })
    return policy
  }

  return async (call: { agent: string; action: string; caller: string }, node: NodeView): Promise<Verdict> => {
    const files = [join(directory, `${call.agent}.policy`)]
    if (options.useDefaultPolicy) files.push(join(directory, `${options.defaultPolicyName}.policy`))
    for (const file of files) {
      const policy = policyOf(file)
      if (!policy) continue
      const { caller, action } = call
      const request = { caller, action, subject: subjectOf(node), queryData: dataQueryOf(node), allowUnconfigured }
      const { allow, reason } = await authorize(policy, request)
      return { allowed: allow, reason: `${file}: ${reason}` }
    }
    return {
      allowed: allowUnconfigured,
      reason: `there is no policy for ${call.agent}, unconfigured is ${allowUnconfigured ? 'allowed' : 'denied'}`,
    }
  }
}

/** undefined: there is no such file. Throws when it cannot be told. */
function signatureOf(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats && `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`
}

function readGroups(file: string): Groups {
  return signatureOf(file) === undefined ? new Map() : parseGroups(readTrusted(file), file)
}

function readTrusted(file: string): string {
  const why = untrustedBecause(file)
  if (why) throw new Error(why)
  const { size } = statSync(file)
  if (size > POLICY_FILE_BYTES_MAX)
    throw new Error(`${file} has ${size} bytes, at most ${POLICY_FILE_BYTES_MAX} are read`)
  return readFileSync(file, 'utf8')
}
