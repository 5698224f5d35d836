// Filter and selection of the node list in the search part of the address, so that reload, back, other tabs and a colleague with the link see the
// same: `?name=web*&class=apache&fact=osfamily=Debian&where=...&only=web1,web2`. A hand-picked selection too long for an address is kept in the
// session storage under a short key (`only=~k3f9`). [live 1, 2]

import type { NodeFilter } from '#console/api/nodes.ts'
import { ALL, NONE, type Selection } from './selection.ts'

/** What may stand in the address, as texts. */
export interface LiveSearch {
  name?: string | undefined
  class?: string | string[] | undefined
  fact?: string | string[] | undefined
  agent?: string | string[] | undefined
  /** The expert field: the language of `mco -S`. */
  where?: string | undefined
  /** Names with commas, `none`, or `~key`. */
  only?: string | undefined
  except?: string | undefined
}

const BOUNDS = { nameCharacters: 500, testCharacters: 1_000, tests: 20, whereCharacters: 10_000 }
/** Addresses stay well under the 8 KB that servers and proxies take. */
const SELECTION_CHARACTERS_MAX = 1_200

/** Keeps long selections: session storage, or a Map in tests. */
export interface Shelf {
  get(key: string): string | undefined
  set(key: string, value: string): void
}

/** Only the words of the node list, of the form they must have; everything else is dropped. */
export function readLiveSearch(words: Readonly<Record<string, unknown>>): LiveSearch {
  const search: LiveSearch = {}
  const put = (key: keyof LiveSearch, value: string | string[] | undefined): void => {
    if (value !== undefined && value.length > 0) Object.assign(search, { [key]: value })
  }
  put('name', textOf(words.name, BOUNDS.nameCharacters))
  put('class', textsOf(words.class))
  put('fact', textsOf(words.fact))
  put('agent', textsOf(words.agent))
  put('where', textOf(words.where, BOUNDS.whereCharacters))
  put('only', textOf(words.only, 8_192))
  put('except', textOf(words.except, 8_192))
  return search
}

export function filterOf(search: LiveSearch): NodeFilter {
  return {
    ...(search.name === undefined ? {} : { name: search.name }),
    ...(search.class === undefined ? {} : { classes: list(search.class) }),
    ...(search.fact === undefined ? {} : { facts: list(search.fact) }),
    ...(search.agent === undefined ? {} : { agents: list(search.agent) }),
    ...(search.where === undefined ? {} : { compound: search.where }),
  }
}

export function searchOfFilter(filter: NodeFilter): LiveSearch {
  return {
    name: filter.name?.trim() || undefined,
    class: unlist(filter.classes),
    fact: unlist(filter.facts),
    agent: unlist(filter.agents),
    where: filter.compound?.trim() || undefined,
  }
}

export function isEmptyFilter(filter: NodeFilter): boolean {
  return (
    !filter.name?.trim() &&
    !filter.compound?.trim() &&
    !filter.classes?.length &&
    !filter.facts?.length &&
    !filter.agents?.length
  )
}

/** `lost`: the address tells of a selection that was kept in another browser or tab. Then nothing is selected, which is the safe mistake. */
export function selectionOf(search: LiveSearch, shelf: Shelf): { selection: Selection; lost: boolean } {
  if (search.only !== undefined) {
    if (search.only === 'none') return { selection: NONE, lost: false }
    const names = namesOf(search.only, shelf)
    return names === undefined
      ? { selection: NONE, lost: true }
      : { selection: { kind: 'only', names: new Set(names) }, lost: false }
  }
  if (search.except !== undefined) {
    const names = namesOf(search.except, shelf)
    return names === undefined
      ? { selection: NONE, lost: true }
      : { selection: { kind: 'except', names: new Set(names) }, lost: false }
  }
  return { selection: ALL, lost: false }
}

export function searchOfSelection(selection: Selection, shelf: Shelf): Pick<LiveSearch, 'only' | 'except'> {
  const { kind, names } = selection
  if (names.size === 0) return { only: kind === 'only' ? 'none' : undefined, except: undefined }
  const text = [...names].join(',')
  let word = text
  // A node may be called `none`.
  if (text.length > SELECTION_CHARACTERS_MAX || text === 'none') {
    word = `~${keyOf(text)}`
    shelf.set(word, text)
  }
  return kind === 'only' ? { only: word, except: undefined } : { only: undefined, except: word }
}

function namesOf(word: string, shelf: Shelf): readonly string[] | undefined {
  return (word.startsWith('~') ? shelf.get(word) : word)?.split(',').filter((name) => name !== '')
}

/** Short, and the same for the same names, so that selecting back and forth does not fill the storage. */
function keyOf(text: string): string {
  let a = 0x811c9dc5
  let b = 0x01000193
  for (let at = 0; at < text.length; at++) {
    a = Math.imul(a ^ text.charCodeAt(at), 0x01000193)
    b = Math.imul(b + text.charCodeAt(at), 0x9e3779b1) ^ (b >>> 15)
  }
  return (a >>> 0).toString(36) + (b >>> 0).toString(36)
}

function textOf(value: unknown, charactersMax: number): string | undefined {
  const text = Array.isArray(value) ? value[0] : value
  return typeof text === 'string' ? text.slice(0, charactersMax) : undefined
}

function textsOf(value: unknown): string | string[] | undefined {
  const texts = (Array.isArray(value) ? value : [value])
    .filter((text): text is string => typeof text === 'string' && text !== '')
    .slice(0, BOUNDS.tests)
    .map((text) => text.slice(0, BOUNDS.testCharacters))
  return unlist(texts)
}

function list(value: string | string[]): string[] {
  return Array.isArray(value) ? value : [value]
}

/** One value is written as a text, as the address does it: else the router would think it had changed. */
function unlist(values: readonly string[] | undefined): string | string[] | undefined {
  if (values === undefined || values.length === 0) return undefined
  return values.length === 1 ? values[0] : [...values]
}
