import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import test from 'node:test'
import { parseDdl } from '#rpc/ddl/parse.ts'
import { typesFromDdl } from '#rpc/ddl/types.ts'

const agents = new URL('../../src/agents/', import.meta.url)

test('the types of every built-in agent are those of its DDL (scripts/agent-types.mjs writes them)', () => {
  for (const name of readdirSync(agents)) {
    const types = new URL(`${name}/${name}-actions.ts`, agents)
    // discovery answers a text, not a map. Other folders have no DDL.
    if (name === 'discovery' || !existsSync(new URL(`${name}/${name}.ddl`, agents))) continue
    const ddl = parseDdl(readFileSync(new URL(`${name}/${name}.ddl`, agents), 'utf8'), {
      kind: 'agent',
      name,
      file: `${name}.ddl`,
    })
    assert.equal(readFileSync(types, 'utf8').trim(), typesFromDdl(ddl).trim(), `${name}-actions.ts is out of date`)
  }
})
