// What a node says of a resource, taken for one only after a look: foreign shapes, names and sizes end here. Secrets that an older node does
// not mask are masked here. [agents 9] [issue: node answering garbage or 10 MB]

import { createHash, createHmac, randomBytes } from 'node:crypto'
import { isMap } from '#base/is-map.ts'
import {
  INSPECTED_MEMBERS_MAX,
  INSPECTED_PROPERTIES_MAX,
  INSPECTED_RESOURCES_MAX,
  INSPECTED_VALUE_CHARACTERS_MAX,
  INSPECTED_VALUE_DEPTH_MAX,
} from '#base/limits.ts'
import { isMaskedValue, isSecretProperty } from './type-rules.ts'

/** A resource as the node has it. */
export interface RawResource {
  readonly title: string
  /** Without a prototype. Secrets as the node gave them: mostly masked. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** undefined: the node cannot tell. */
  readonly managed: boolean | undefined
}

/** A name without a title has more than anybody can read; Puppet's own limit is none. */
const TITLE_CHARACTERS_MAX = 65_536

/** How much of each value is kept: for comparing a bounded beginning, for cloning and putting back all of it. */
interface Extent {
  readonly characters: number
  readonly members: number
}
const TO_COMPARE: Extent = { characters: INSPECTED_VALUE_CHARACTERS_MAX, members: INSPECTED_MEMBERS_MAX }
const WHOLE: Extent = { characters: Number.POSITIVE_INFINITY, members: Number.POSITIVE_INFINITY }

/** As readResource, but no value is cut: for what is written to nodes. */
export function readWholeResource(value: unknown): RawResource | undefined {
  return readResource(value, WHOLE)
}

/** `{ title, parameters, managed }` of a reply; undefined: it is no resource. */
export function readResource(value: unknown, extent = TO_COMPARE): RawResource | undefined {
  if (!isMap(value)) return undefined
  const { title, parameters, managed } = value
  if (typeof title !== 'string' || title === '' || title.length > TITLE_CHARACTERS_MAX || !isMap(parameters))
    return undefined
  return {
    title: title.toWellFormed(),
    parameters: readParameters(parameters, extent),
    managed: typeof managed === 'boolean' ? managed : undefined,
  }
}

/**
 * The list in a reply to `search`: each title once, the first counts. Nodes of 2011 name an output after each resource instead.
 * undefined: there is no list.
 */
export function readResources(data: unknown): { readonly resources: RawResource[]; readonly left: number } | undefined {
  if (!isMap(data)) return undefined
  const { result } = data
  const given = Array.isArray(result) ? result : result == null ? Object.values(data).filter(isMap) : undefined
  if (!given) return undefined
  const resources = new Map<string, RawResource>()
  for (const one of given.slice(0, INSPECTED_RESOURCES_MAX)) {
    const resource = readResource(one)
    if (resource && !resources.has(resource.title)) resources.set(resource.title, resource)
  }
  return { resources: [...resources.values()], left: given.length - resources.size }
}

/** What `find` and `create` say of a resource that is not there: `absent`, and `purged` of packages. */
export function isAbsent({ parameters }: Pick<RawResource, 'parameters'>): boolean {
  return parameters.ensure === 'absent' || parameters.ensure === 'purged'
}

function readParameters(given: Readonly<Record<string, unknown>>, extent: Extent): Readonly<Record<string, unknown>> {
  const parameters: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(given).slice(0, INSPECTED_PROPERTIES_MAX)) {
    if (name.length > 100 || value === undefined) continue
    parameters[name] = readValue(value, 1, extent)
  }
  return parameters
}

function readValue(value: unknown, depth: number, extent: Extent): unknown {
  if (typeof value === 'string') return readText(value, extent)
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value !== 'object') return String(value)
  if (depth >= INSPECTED_VALUE_DEPTH_MAX) return '(nested too deeply)'
  if (Array.isArray(value)) return value.slice(0, extent.members).map((one) => readValue(one, depth + 1, extent))
  const members: Record<string, unknown> = Object.create(null)
  for (const [name, inner] of Object.entries(value).slice(0, extent.members))
    members[readText(name, extent)] = readValue(inner, depth + 1, extent)
  return members
}

/** A long text as its beginning, length and digest: as good to compare. */
function readText(text: string, { characters }: Extent): string {
  if (text.length <= characters) return text.toWellFormed()
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 32)
  return `${text.slice(0, characters).toWellFormed()}... (${text.length} characters, sha256 ${digest})`
}

/** Makes fingerprints by which equal secrets are seen to be equal, worth nothing outside this process. */
export interface Masker {
  /** `(hidden, 3f2a9c01)` instead of a secret that came in clear; `*****` where the node masked it. */
  masked(parameters: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>
}

export function createMasker(key: Uint8Array = randomBytes(32)): Masker {
  return {
    masked(parameters) {
      const shown: Record<string, unknown> = Object.create(null)
      for (const [name, value] of Object.entries(parameters))
        shown[name] = isSecretValue(name, value) ? `(hidden, ${fingerprint(value)})` : value
      return shown
    },
  }

  function fingerprint(value: unknown): string {
    return createHmac('sha256', key).update(JSON.stringify(value)).digest('hex').slice(0, 8)
  }
}

/** In clear: what a node masked needs no masking. */
function isSecretValue(name: string, value: unknown): boolean {
  return isSecretProperty(name) && !isMaskedValue(value) && typeof value !== 'boolean' && value !== null
}
