// A web console over emulated nodes in one process, to look at screens: node_modules/.bin/node scripts/console-dev.mjs --nodes 50 --port 4433
// Prints its address and accounts (viewer, operator, administrator; all with one password). Nothing is kept. Pages come from dist/web; while
// developing them: TROUPE_CONSOLE=https://127.0.0.1:PORT node_modules/.bin/vite web. Needs Node >= 22.18 (type stripping).
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { makeLink } from '../src/console/auth/links.ts'
import { createAuthority, issueServerCertificate } from '../src/setup/certificates.ts'
import { PASSWORD, startConsole } from '../tests/conformance/console.ts'

const string = { type: 'string' }
const { values } = parseArgs({ options: { nodes: string, port: string, store: string, http: { type: 'boolean' } } })
const nodes = Number(values.nodes ?? 20)
const nowMs = Date.now()
const authority = await createAuthority('Troupe CA for development', { nowMs })
const names = ['localhost', '127.0.0.1', '::1']
const { key, certificate: cert } = await issueServerCertificate(authority, { names, nowMs, days: 30 })
const webDirectory = fileURLToPath(new URL('../dist/web', import.meta.url))
const say = (level) => (message, fields) =>
  process.stderr.write(`${level} ${message} ${fields ? JSON.stringify(fields) : ''}\n`)
const log = { debug() {}, info() {}, warn: say('warn'), error: say('error'), fatal: say('fatal') }

const troupe = await startConsole({
  nodes,
  log,
  ...(values.http ? {} : { tls: { key, cert } }),
  ...(values.store ? { storeUrl: values.store } : {}),
  ...(existsSync(webDirectory) ? { webDirectory } : {}),
  libdirs: [fileURLToPath(new URL('../tests/fixtures/libdir', import.meta.url))],
})
for (const role of ['viewer', 'operator', 'administrator']) await troupe.signedIn(role, role)
const port = await troupe.server.listen('127.0.0.1', Number(values.port ?? 0))
const url = `${values.http ? 'http' : 'https'}://127.0.0.1:${port}`
const link = await makeLink({ store: troupe.store, clock: troupe.clock, url })
process.stdout.write(`${url} with ${nodes} nodes\n`)
process.stdout.write(`accounts: viewer, operator, administrator; password: ${PASSWORD}\n`)
process.stdout.write(`as administrator: ${link.url}\n`)

const stop = async () => {
  await troupe.stop()
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop)
