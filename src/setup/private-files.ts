// Folders and files that their owner alone may read; a file appears whole or not at all. Files of another account are written with that
// account's rights, so that nothing it has put in the way (a link, a folder elsewhere) is followed with root's.

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolders } from '#base/make-folders.ts'

export function makeFolder(folder: string): void {
  makeFolders(folder, 0o700)
}

/** Of somebody who must not find another there, made by somebody else in the meantime. Throws EEXIST. */
export function makeNewFolder(folder: string): void {
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}

export function save(file: string, text: string): void {
  const fresh = `${file}.new`
  // What a crash has left may have another mode, what somebody has put there may be a link.
  rmSync(fresh, { force: true })
  writeFileSync(fresh, text, { mode: 0o600, flag: 'wx', flush: true })
  renameSync(fresh, file)
}

/** An account of this machine. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** Does synchronous work as that account; undefined, or the account this process has: as it is. Takes root otherwise. */
export function actingAs<Result>(owner: Owner | undefined, work: () => Result): Result {
  if (!owner || owner.uid === process.geteuid?.()) return work()
  const [uid, gid, groups] = [process.geteuid!(), process.getegid!(), process.getgroups!()]
  process.setgroups!([owner.gid])
  process.setegid!(owner.gid)
  process.seteuid!(owner.uid)
  try {
    return work()
  } finally {
    process.seteuid!(uid)
    process.setegid!(gid)
    process.setgroups!(groups)
  }
}
