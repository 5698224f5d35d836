// Puppet's classes file: which classes the last catalogue had. Looked at for every use, read again only when it changed, so
// that a Puppet run shows at once and a busy node does no work twice. [agents 16] [wire 6.1]

import { readFileSync, statSync } from 'node:fs'
import type { Clock } from '#base/clock.ts'
import { messageOf } from '#base/errors.ts'
import { CLASSES_FILE_BYTES_MAX, CLASSES_MAX } from '#base/limits.ts'
import { durationText } from '../facts/background-facts.ts'

/** Debian's package, Puppet's own packages, Puppet 3 and older, PE 2. */
export const CLASSES_FILE_PLACES: readonly string[] = [
  '/opt/puppetlabs/puppet/cache/state/classes.txt',
  '/var/cache/puppet/state/classes.txt',
  '/var/lib/puppet/state/classes.txt',
  '/var/opt/lib/pe-puppet/state/classes.txt',
]

/** Puppet runs every half hour; after a day without a run somebody should know. */
const STALE_MS = 86_400_000

export interface ClassesFile {
  /** Classes in the order of the file, doubles kept; none when there is no readable file. Never throws. */
  classes(): readonly string[]
  /** What operators should know, e.g. `classes: /var/.../classes.txt was last written 3 days ago`. */
  warnings(): readonly string[]
}

/** `path` undefined: the first of CLASSES_FILE_PLACES that exists, looked for anew until there is one. */
export function createClassesFile(path: string | undefined, clock: Clock, places = CLASSES_FILE_PLACES): ClassesFile {
  let kept:
    | { readonly stamp: string; readonly file: string; readonly classes: readonly string[]; readonly note?: string }
    | undefined
  let problem: string | undefined
  let writtenAtMs: number | undefined

  function refresh(): void {
    const { found, denied } = firstOf(path === undefined ? places : [path])
    if (!found) {
      kept = undefined
      writtenAtMs = undefined
      const none = path === undefined ? `none of ${places.join(', ')} exists` : `${path} cannot be found`
      problem = denied === undefined ? none : `${denied.file} cannot be read (${denied.why})`
      return
    }
    const stamp = `${found.file} ${found.mtimeMs} ${found.size} ${found.inode}`
    writtenAtMs = found.mtimeMs
    if (kept?.stamp === stamp) return
    try {
      kept = { stamp, file: found.file, ...readClasses(found) }
      problem = undefined
    } catch (error) {
      problem = `${found.file} cannot be read (${messageOf(error)})${kept ? '; showing what it held before' : ''}`
    }
  }

  return {
    classes() {
      refresh()
      return kept?.classes ?? []
    },
    warnings() {
      refresh()
      if (problem !== undefined) return [`classes: ${problem}`]
      const ageMs = writtenAtMs === undefined ? 0 : clock.now() - writtenAtMs
      const notes = kept?.note ? [`classes: ${kept.note}`] : []
      if (kept && ageMs > STALE_MS) notes.push(`classes: ${kept.file} was last written ${durationText(ageMs)} ago`)
      return notes
    },
  }
}

interface Found {
  readonly file: string
  readonly mtimeMs: number
  readonly size: number
  readonly inode: number
  readonly isFile: boolean
}

/** The first that exists; else the first that this user may not even look at. */
function firstOf(files: readonly string[]): { found?: Found; denied?: { file: string; why: string } } {
  let denied: { file: string; why: string } | undefined
  for (const file of files) {
    try {
      const info = statSync(file, { throwIfNoEntry: false })
      if (info) {
        return { found: { file, mtimeMs: info.mtimeMs, size: info.size, inode: info.ino, isFile: info.isFile() } }
      }
    } catch (error) {
      denied ??= { file, why: messageOf(error) }
    }
  }
  return denied ? { denied } : {}
}

function readClasses({ file, size, isFile }: Found): { classes: readonly string[]; note?: string } {
  if (!isFile) throw new Error('it is not a plain file')
  if (size > CLASSES_FILE_BYTES_MAX) throw new Error(`it has ${size} bytes, at most ${CLASSES_FILE_BYTES_MAX} are read`)
  const all = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line !== '')
  if (all.length <= CLASSES_MAX) return { classes: all }
  return {
    classes: all.slice(0, CLASSES_MAX),
    note: `${file} names ${all.length} classes; the first ${CLASSES_MAX} are used`,
  }
}
