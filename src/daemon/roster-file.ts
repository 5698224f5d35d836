// The roster on disk: JSON, one value a line. The first line is the header; a text stands for itself and is known by how manieth
// text it is from then on; a list is a node, its long parts being numbers of texts. Written bit by bit to a new file that then
// takes the place of the old one, so that a crash leaves one or the other.
//
//   {"roster":1,"savedAtMs":1795324648123,"sinceMs":1795324600000}
//   "[\"discovery\",\"rpcutil\"]"
//   ["web1.example.com",sentAtMs,lastSeenMs,"3.0.0",600,[0,1,2],[3,4,5,6]]

import { createReadStream } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { IDENTITY_PATTERN } from '#base/id.ts'
import { makeFolders } from '#base/make-folders.ts'
import { parseJson } from '#base/parse-json.ts'

export interface RosterHeader {
  /** Milliseconds since 1970. */
  readonly savedAtMs: number
  /** Since when the roster has been listening. */
  readonly sinceMs: number
}

export interface SavedNode {
  readonly identity: string
  readonly sentAtMs: number
  readonly lastSeenMs: number
  readonly version: string
  readonly intervalSeconds: number
  /** Agents, classes, collectives, each a list as JSON. */
  readonly lists: readonly string[]
  /** Names and values (JSON) in turn; null: not known. */
  readonly facts: readonly string[] | null
}

const CHUNK_CHARACTERS = 256 * 1024

/** Writes all nodes; between chunks others have their turn. */
export async function saveRoster(path: string, header: RosterHeader, nodes: Iterable<SavedNode>): Promise<void> {
  makeFolders(dirname(path), 0o755)
  // It may be /dev/null, which must not be replaced by a file.
  const there = await stat(path).catch(() => undefined)
  if (there && !there.isFile()) throw new Error(`${path} is not a file`)
  const temporary = `${path}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    const texts = new Map<string, number>()
    let chunk = `${JSON.stringify({ roster: 1, ...header })}\n`
    const numberOf = (text: string): number => {
      const known = texts.get(text)
      if (known !== undefined) return known
      chunk += `${JSON.stringify(text)}\n`
      texts.set(text, texts.size)
      return texts.size - 1
    }
    for (const node of nodes) {
      const lists = node.lists.map(numberOf)
      const facts = node.facts?.map(numberOf)
      const { identity, sentAtMs, lastSeenMs, version, intervalSeconds } = node
      chunk += `${JSON.stringify([identity, sentAtMs, lastSeenMs, version, intervalSeconds, lists, facts])}\n`
      if (chunk.length >= CHUNK_CHARACTERS) {
        await file.writeFile(chunk)
        chunk = ''
        await nextTurn()
      }
    }
    await file.writeFile(chunk)
    await file.sync()
  } catch (error) {
    await file.close()
    await rm(temporary, { force: true })
    throw error
  }
  await file.close()
  await rename(temporary, path)
}

/** undefined: there is no such file. Throws when it is not a roster; a line that is not whole ends the reading. */
export async function loadRoster(path: string): Promise<(RosterHeader & { readonly nodes: SavedNode[] }) | undefined> {
  const stream = createReadStream(path, 'utf8')
  try {
    const texts: string[] = []
    const nodes: SavedNode[] = []
    let header: RosterHeader | undefined
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      const value: unknown = parseJson(line)
      if (!header) header = headerOf(value)
      else if (typeof value === 'string') texts.push(value)
      else nodes.push(nodeOf(value, texts))
    }
    if (!header) throw new Error('it is empty')
    return { ...header, nodes }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  } finally {
    stream.destroy()
  }
}

function headerOf(value: unknown): RosterHeader {
  const { roster, savedAtMs, sinceMs } = (value ?? {}) as { roster?: unknown; savedAtMs?: unknown; sinceMs?: unknown }
  if (roster !== 1 || typeof savedAtMs !== 'number' || typeof sinceMs !== 'number')
    throw new Error('it is not a roster')
  return { savedAtMs, sinceMs }
}

function nodeOf(value: unknown, texts: readonly string[]): SavedNode {
  const [identity, sentAtMs, lastSeenMs, version, intervalSeconds, lists, facts] = Array.isArray(value)
    ? (value as unknown[])
    : []
  const isNode =
    typeof identity === 'string' &&
    IDENTITY_PATTERN.test(identity) &&
    typeof sentAtMs === 'number' &&
    typeof lastSeenMs === 'number' &&
    typeof version === 'string' &&
    typeof intervalSeconds === 'number' &&
    Array.isArray(lists)
  if (!isNode) throw new Error('a line is not a node')
  const textOf = (number: unknown): string => {
    const text = texts[Number(number)]
    if (text === undefined) throw new Error('a line names a text that is not there')
    return text
  }
  return {
    identity,
    sentAtMs,
    lastSeenMs,
    version,
    intervalSeconds,
    lists: lists.map(textOf),
    facts: Array.isArray(facts) ? facts.map(textOf) : null,
  }
}
