// Whether an account may subscribe or publish a destination. Patterns are compiled once per account.

import { TroupeError } from '#base/errors.ts'
import type { Permissions, SubscribeRule } from './options.ts'

interface Pattern {
  /** `/topic/` or `/queue/` */
  readonly prefix: string
  readonly parts: readonly string[]
}

export interface Rights {
  readonly subscribe: readonly { readonly rule: SubscribeRule; readonly pattern: Pattern }[]
  readonly publish: readonly Pattern[]
  readonly neverPublish: readonly Pattern[]
}

/** Throws BROKER_CONFIG_INVALID for a pattern that is not one. */
export function compilePermissions(permissions: Permissions): Rights {
  return {
    subscribe: permissions.subscribe.map((rule) => ({ rule, pattern: compilePattern(rule.pattern) })),
    publish: permissions.publish.filter((text) => !text.startsWith('!')).map(compilePattern),
    neverPublish: permissions.publish
      .filter((text) => text.startsWith('!'))
      .map((text) => compilePattern(text.slice(1))),
  }
}

export function compilePattern(text: string): Pattern {
  const prefix = text.slice(0, 7)
  const parts = text.slice(7).split('.')
  const wrong =
    (prefix !== '/topic/' && prefix !== '/queue/') ||
    parts.some((p, i) => p === '' || (p === '>' && i < parts.length - 1) || (p.length > 1 && /[*>]/.test(p)))
  if (wrong) {
    throw new TroupeError(
      'BROKER_CONFIG_INVALID',
      `permission ${JSON.stringify(text)} is not a pattern: it should be /topic/ or /queue/ and parts between dots, * for one part, > at the end for the rest`,
    )
  }
  return { prefix, parts }
}

export function fits(pattern: Pattern, destination: string): boolean {
  if (!destination.startsWith(pattern.prefix)) return false
  const { parts } = pattern
  let from = 7
  for (let i = 0; i < parts.length; i++) {
    if (from > destination.length) return false
    const part = parts[i] as string
    if (part === '>') return from < destination.length
    const dot = destination.indexOf('.', from)
    const to = dot === -1 ? destination.length : dot
    if (to === from) return false
    if (part !== '*' && (part.length !== to - from || !destination.startsWith(part, from))) return false
    from = to + 1
  }
  return from === destination.length + 1
}

/** The rule that lets the account subscribe, or undefined. */
export function subscribeRule(rights: Rights, destination: string): SubscribeRule | undefined {
  for (const { rule, pattern } of rights.subscribe) if (fits(pattern, destination)) return rule
  return undefined
}

export function mayPublish(rights: Rights, destination: string): boolean {
  for (const pattern of rights.neverPublish) if (fits(pattern, destination)) return false
  for (const pattern of rights.publish) if (fits(pattern, destination)) return true
  return false
}
