// Files that commands read and write in the operator's own directories.

import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { TroupeError } from '#base/errors.ts'
import { PLUGIN_BYTES_MAX, PLUGIN_FILES_MAX } from '#base/limits.ts'
import { makeFolders } from '#base/make-folders.ts'
import type { DirectoryFile, WriteOptions } from '#cli/command.ts'

/** Every file below a directory, sorted by path. Throws USAGE_INVALID when there is too much in it to be a plugin. */
export async function readDirectory(directory: string): Promise<readonly DirectoryFile[]> {
  const entries = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const paths = entries.map((entry) => relative(directory, join(entry.parentPath, entry.name))).sort()
  const files: DirectoryFile[] = []
  let size = 0
  for (const path of paths) {
    const file = join(directory, path)
    const { mode, size: bytes } = await stat(file)
    size += bytes
    if (paths.length > PLUGIN_FILES_MAX || size > PLUGIN_BYTES_MAX) {
      const limits = `${PLUGIN_FILES_MAX} files and ${PLUGIN_BYTES_MAX} bytes`
      throw new TroupeError('USAGE_INVALID', `cannot read ${directory} as a plugin: it holds more than ${limits}`)
    }
    files.push({ path, bytes: await readFile(file), executable: (mode & 0o111) !== 0 })
  }
  return files
}

/** Makes the directories that are missing; rejects when the file exists and may not be overwritten. */
export async function writeNewFile(
  path: string,
  content: string | Uint8Array,
  { overwrite = false, executable = false }: WriteOptions = {},
): Promise<void> {
  makeFolders(dirname(path))
  await writeFile(path, content, { flag: overwrite ? 'w' : 'wx', mode: executable ? 0o755 : 0o644 })
}
