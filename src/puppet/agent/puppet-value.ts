// A value of one of Puppet's files, and how to take what is there without trusting its shape.

import { isMap } from '#base/is-map.ts'

export type PuppetValue =
  | null
  | boolean
  | number
  | string
  | readonly PuppetValue[]
  | { readonly [key: string]: PuppetValue }

export type PuppetMap = Readonly<Record<string, PuppetValue>>

/** The map itself, or an empty one for anything else. */
export function mapOf(value: PuppetValue | undefined): PuppetMap {
  return isMap(value) ? value : Object.create(null)
}

/** A number, also one written as text; 0 for anything else. */
export function numberOf(value: PuppetValue | undefined): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : 0
}

export function textOf(value: PuppetValue | undefined): string {
  return value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
}
