// Tar files as every tar reads them (ustar, POSIX.1-1988): plain files and directories, all of root's. What is in them and where it goes is
// the caller's.

import { usageError } from './usage-error.ts'

export interface TarEntry {
  /** e.g. `./usr/share/x`; of a directory with a slash at its end. */
  readonly path: string
  /** Absent: a directory. */
  readonly bytes?: Uint8Array
  /** Default 0644, of directories 0755. */
  readonly mode?: number
}

const BLOCK = 512

/** Entries in the order given. Throws USAGE_INVALID for a name that does not fit into the 255 bytes of the format. */
export function tarOf(entries: readonly TarEntry[], nowMs: number): Buffer {
  const parts = entries.flatMap((entry) => {
    const { bytes = Buffer.alloc(0) } = entry
    return [headerOf(entry, nowMs), Buffer.from(bytes), Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]
  })
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

/** The directories above these files, each once and before what is in it: `./`, `./usr/`, `./usr/share/`. */
export function parentsOf(paths: readonly string[]): string[] {
  const found = new Set<string>()
  for (const path of paths) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) found.add(path.slice(0, at + 1))
  }
  return [...found].sort()
}

function headerOf({ path, bytes, mode = bytes ? 0o644 : 0o755 }: TarEntry, nowMs: number): Buffer {
  const header = Buffer.alloc(BLOCK)
  const { prefix, name } = split(path)
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`
  header.write(name, 0)
  header.write(octal(mode, 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(bytes?.length ?? 0, 11), 124)
  header.write(octal(Math.floor(nowMs / 1000), 11), 136)
  header.write('        ', 148)
  header.write(bytes ? '0' : '5', 156)
  header.write('ustar\u000000', 257)
  header.write('root', 265)
  header.write('root', 297)
  header.write(prefix, 345)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** A long name is cut in two at a slash: 155 bytes and 100. */
function split(path: string): { prefix: string; name: string } {
  if (Buffer.byteLength(path) <= 100) return { prefix: '', name: path }
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
    if (name !== '' && Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return { prefix, name }
  }
  throw usageError(`cannot package ${path}: its name is too long for a tar file`)
}
