// Recognises an answer that says the same as one of a moment ago by comparing member by member, which takes a tenth of the time that its text takes
// to be put together and looked up. Most answers of a fleet are such; of the others nothing is known here, and their text decides.

import { RECENT_ANSWERS_PER_SHAPE, RECENT_SHAPES } from '#base/limits.ts'
import type { Answer } from './answer-key.ts'

export interface RecentAnswers<T> {
  find(answer: Answer): T | undefined
  keep(answer: Answer, known: T): void
}

/** `skips`: members that do not count. Their values, and nested ones, are never looked into. */
export function createRecentAnswers<T>(skips: (name: string) => boolean): RecentAnswers<T> {
  const shapes: Shape<T>[] = []
  let nextShape = 0

  const shapeOf = (names: readonly string[]): Shape<T> | undefined => shapes.find((shape) => sameNames(shape, names))

  return {
    find({ outcome, statusCode, message, data }) {
      if (!isPlain(data)) return undefined
      const shape = shapeOf(Object.keys(data))
      if (shape === undefined) return undefined
      return shape.recent.find(
        (one) =>
          one.outcome === outcome &&
          one.statusCode === statusCode &&
          one.message === message &&
          sameValues(shape, one.values, data),
      )?.known
    },
    keep({ outcome, statusCode, message, data }, known) {
      if (!isPlain(data)) return
      const names = Object.keys(data)
      let shape = shapeOf(names)
      if (shape === undefined) {
        shape = { names, counting: names.filter((name) => !skips(name)), recent: [], next: 0 }
        shapes[nextShape] = shape
        nextShape = (nextShape + 1) % RECENT_SHAPES
      }
      const values = shape.counting.map((name) => data[name])
      if (values.some((value) => typeof value === 'object' && value !== null)) return
      shape.recent[shape.next] = { outcome, statusCode, message, values, known }
      shape.next = (shape.next + 1) % RECENT_ANSWERS_PER_SHAPE
    },
  }
}

interface Shape<T> {
  /** Of all members, as they came. */
  readonly names: readonly string[]
  readonly counting: readonly string[]
  /** The oldest is replaced. */
  readonly recent: Recent<T>[]
  next: number
}

interface Recent<T> extends Pick<Answer, 'outcome' | 'statusCode' | 'message'> {
  /** None is a map or a list. */
  readonly values: readonly unknown[]
  readonly known: T
}

function isPlain(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}

function sameNames({ names }: { readonly names: readonly string[] }, given: readonly string[]): boolean {
  if (names.length !== given.length) return false
  for (let i = 0; i < names.length; i++) if (names[i] !== given[i]) return false
  return true
}

function sameValues(
  { counting }: { readonly counting: readonly string[] },
  values: readonly unknown[],
  data: Readonly<Record<string, unknown>>,
): boolean {
  for (let i = 0; i < counting.length; i++) if (values[i] !== data[counting[i]!]) return false
  return true
}
