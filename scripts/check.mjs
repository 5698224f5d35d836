// `npm run check`: formatting, lint and types, without tests. `-- --write` mends what biome can mend.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bootstrap, root, run } from './bootstrap.mjs'

/** Runs biome and tsc; true when both are content. */
export async function check(node, { write = false } = {}) {
  const bin = (...path) => join(root, 'node_modules', ...path)
  const biome = await run(node, [bin('@biomejs', 'biome', 'bin', 'biome'), 'check', ...(write ? ['--write'] : [])])
  const types = await run(node, [bin('typescript', 'bin', 'tsc'), '-p', root])
  const webTypes = await run(node, [bin('typescript', 'bin', 'tsc'), '-p', join(root, 'web')])
  return biome === 0 && types === 0 && webTypes === 0
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const node = await bootstrap({ build: false })
  process.exit((await check(node, { write: process.argv.includes('--write') })) ? 0 : 1)
}
