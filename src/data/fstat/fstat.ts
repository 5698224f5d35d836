// Data plugin `fstat`: what the file system knows about a file. Symbolic links are described themselves and never followed at
// the end of the path; the digest of a plain file is read in pieces and given up at the time limit. [wire 7.3] [agents 5]

import { createHash } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import type { Clock } from '#base/clock.ts'
import { DIGEST_CHUNK_BYTES } from '#base/limits.ts'
import type { Value, Values } from '#message/request.ts'
import type { DataPlugin } from '#rpc/data-plugin.ts'
import type { DataDdl } from '#rpc/ddl/ddl.ts'

/** Throws when the file cannot be looked at for another reason than that it is absent, or not within the time limit. */
export function createFstatData(ddl: DataDdl, clock: Clock): DataPlugin {
  return {
    ddl,
    query: (name, _node, signal) => unlessAborted(describe(name ?? '', clock, signal), signal),
  }
}

async function describe(name: string, clock: Clock, signal: AbortSignal): Promise<Values> {
  const info = await lstatOrAbsent(name)
  if (!info) return absent(name)
  const nowSeconds = Math.floor(clock.now() / 1000)
  const [mtime, ctime, atime] = [info.mtimeMs, info.ctimeMs, info.atimeMs].map((ms) => Math.floor(ms / 1000)) as [
    number,
    number,
    number,
  ]
  return {
    name,
    output: 'present',
    present: 1,
    size: info.size,
    mode: info.mode.toString(8),
    md5: info.isFile() ? await digest(name, info, signal) : 0,
    mtime: localTime(mtime),
    ctime: localTime(ctime),
    atime: localTime(atime),
    mtime_seconds: mtime,
    ctime_seconds: ctime,
    atime_seconds: atime,
    mtime_age: nowSeconds - mtime,
    ctime_age: nowSeconds - ctime,
    atime_age: nowSeconds - atime,
    uid: info.uid,
    gid: info.gid,
    type: typeOf(info),
  }
}

function absent(name: string): Values {
  return {
    name,
    output: 'not present',
    present: 0,
    size: 0,
    mode: '0000',
    md5: 0,
    mtime: 0,
    ctime: 0,
    atime: 0,
    mtime_seconds: 0,
    ctime_seconds: 0,
    atime_seconds: 0,
    mtime_age: null,
    ctime_age: null,
    atime_age: null,
    uid: 0,
    gid: 0,
    type: 'unknown',
  }
}

async function lstatOrAbsent(name: string): Promise<Stats | undefined> {
  try {
    return await lstat(name)
  } catch (error) {
    const { code } = error as { code?: unknown }
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

/** MD5 in hex; null when this user may not read the file. Another file that took its place in between is an error. */
async function digest(name: string, expected: Stats, signal: AbortSignal): Promise<Value> {
  let handle: Awaited<ReturnType<typeof open>>
  try {
    // Without O_NONBLOCK some files of /proc and /sys would hold a thread for ever.
    handle = await open(name, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as { code?: unknown }
    if (code === 'EACCES' || code === 'EPERM') return null
    throw error
  }
  try {
    const info = await handle.stat()
    if (!info.isFile() || info.ino !== expected.ino || info.dev !== expected.dev) {
      throw new Error(`${name} was replaced while it was looked at`)
    }
    const hash = createHash('md5')
    const chunk = Buffer.allocUnsafe(DIGEST_CHUNK_BYTES)
    for (;;) {
      signal.throwIfAborted()
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, null)
      if (bytesRead === 0) return hash.digest('hex')
      hash.update(chunk.subarray(0, bytesRead))
    }
  } finally {
    await handle.close()
  }
}

/** A file system that does not answer must not keep the caller waiting. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {})
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

function typeOf(info: Stats): string {
  if (info.isFile()) return 'file'
  if (info.isDirectory()) return 'directory'
  if (info.isSymbolicLink()) return 'symlink'
  if (info.isSocket()) return 'socket'
  if (info.isCharacterDevice()) return 'chardev'
  return info.isBlockDevice() ? 'blockdev' : 'unknown'
}

/** `YYYY-MM-DD HH:MM:SS` in the zone of the node. */
function localTime(seconds: number): string {
  const at = new Date(seconds * 1000)
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}
