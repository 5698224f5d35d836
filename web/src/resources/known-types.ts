// Resource types: how they are written, those Puppet brings along, and those somebody added to the column in this browser.

import { useSyncExternalStore } from 'react'

const KEY = 'troupe-resource-types'
const ADDED_MAX = 30
const TYPE = /^[a-z][a-z0-9_]*(::[a-z][a-z0-9_]*)*$/

/** What can be typed in; others are known to the nodes alone. */
export const COMMON_TYPES: readonly string[] = [
  ...['cron', 'file', 'group', 'host', 'mailalias', 'mount', 'package', 'selboolean', 'service', 'ssh_authorized_key'],
  ...['sshkey', 'user', 'yumrepo', 'zone', 'zpool'],
]

/** Nodes cannot list these: each has to be asked for by its title. */
export function cannotBeListed(type: string): boolean {
  return type === 'file' || type === 'exec'
}

/** `User` is `user`; undefined: not the name of a type. */
export function typeFrom(text: string): string | undefined {
  const type = text.trim().toLowerCase()
  return type.length <= 90 && TYPE.test(type) ? type : undefined
}

let added: readonly string[] = read()
const listeners = new Set<() => void>()

function read(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    if (!Array.isArray(kept)) return []
    return kept.flatMap((one) => (typeof one === 'string' ? (typeFrom(one) ?? []) : [])).slice(0, ADDED_MAX)
  } catch {
    return []
  }
}

function write(next: readonly string[]): void {
  added = next
  try {
    localStorage.setItem(KEY, JSON.stringify(next))
  } catch {
    // Then they are known until the page is closed.
  }
  for (const listener of listeners) listener()
}

export function addType(type: string): void {
  if (!added.includes(type)) write([...added, type].slice(-ADDED_MAX))
}

export function removeType(type: string): void {
  if (added.includes(type)) write(added.filter((one) => one !== type))
}

export function useAddedTypes(): readonly string[] {
  return useSyncExternalStore(subscribe, () => added)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
