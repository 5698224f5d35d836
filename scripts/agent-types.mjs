// Writes src/agents/NAME/NAME-actions.ts from the DDL of each built-in agent; a test holds them equal. Run it with Node 24 after a DDL
// has changed: `node_modules/.bin/node scripts/agent-types.mjs`.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'

const { parseDdl } = await import('#rpc/ddl/parse.ts')
const { typesFromDdl } = await import('#rpc/ddl/types.ts')
const agents = new URL('../src/agents/', import.meta.url)
for (const name of readdirSync(agents)) {
  const file = new URL(`${name}/${name}.ddl`, agents)
  if (name === 'discovery' || !existsSync(file)) continue
  const ddl = parseDdl(readFileSync(file, 'utf8'), { kind: 'agent', name, file: `${name}.ddl` })
  writeFileSync(new URL(`${name}/${name}-actions.ts`, agents), `${typesFromDdl(ddl)}\n`.replace(/\n+$/, '\n'))
}
