// A collective's keys, certificates and configuration in a directory of its own, made by the same code as `npm start` makes
// them, on a free port of loopback.

import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareStateDirectory, type StateDirectory } from '#setup/state-directory.ts'

export interface CollectiveDirectory extends StateDirectory {
  remove(): void
}

/** `identity` keeps the roster; `nodes` further ones are configured. */
export async function makeCollectiveDirectory(nodes: number): Promise<CollectiveDirectory> {
  const parent = mkdtempSync(join(tmpdir(), 'troupe-bench-'))
  const directory = join(parent, 'collective')
  const port = await freePort()
  const state = await prepareStateDirectory({
    ...{ directory, port, identity: 'keeper.example.com', nodes, nowMs: Date.now() },
  })
  // The keeper trusts its roster after one interval: a bench cannot wait for five minutes.
  appendFileSync(state.nodes[0]!.config, `registerinterval = ${KEEPER_INTERVAL_SECONDS}\n`)
  return { ...state, remove: () => rmSync(parent, { recursive: true, force: true }) }
}

export const KEEPER_INTERVAL_SECONDS = 10

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('bench: no free port')),
      )
    })
  })
}
