// Makes a folder and those above it. Node's own recursive mkdir never returns where the system denies that a folder can be made with "no such
// file" (below /proc), so a path somebody typed could hang a program.

import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * e.g. `makeFolders('/var/lib/troupe/console', 0o700)`: each folder that is made gets the mode, less the umask; one that is there stays as it is.
 * Throws what the system says: ENOENT (below /proc), EEXIST and ENOTDIR (a file is in the way), EACCES, EROFS, ENAMETOOLONG.
 */
export function makeFolders(path: string, mode = 0o777): void {
  const missing: string[] = []
  for (let at = resolve(path); !exists(at); at = dirname(at)) missing.push(at)
  if (missing.length === 0) missing.push(resolve(path))
  for (const folder of missing.reverse()) {
    try {
      mkdirSync(folder, { mode })
    } catch (error) {
      // It is there already, or another process has just made it.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isFolder(folder)) throw error
    }
  }
}

function exists(path: string): boolean {
  try {
    statSync(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && path !== '/') return false
    throw error
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
