// DDLs of sites, in both forms, and printf formats under the fuzzer; what was read is rendered and typed as well.

import { readFileSync } from 'node:fs'
import { renderDdl } from '#rpc/ddl/doc.ts'
import { ddlToJson } from '#rpc/ddl/json.ts'
import { parseDdl, parseDdlFile } from '#rpc/ddl/parse.ts'
import { typesFromDdl } from '#rpc/ddl/types.ts'
import { formatPrintf } from '#rpc/printf.ts'
import { type AllowedError, registerTarget } from '../fuzz.ts'

const FIXTURES = new URL('../../fixtures/ddl/', import.meta.url)
const DDL_ERRORS: AllowedError = ['DDL_SYNTAX', 'DDL_INVALID', 'DDL_TOO_LARGE', 'DDL_REQUIRES']
const seedOf = (file: string): Buffer => readFileSync(new URL(file, FIXTURES))
const agents = ['made/loops.ddl', 'made/spellings.ddl'].map(seedOf)
const asJson = (text: Buffer): Buffer =>
  Buffer.from(ddlToJson(parseDdl(text.toString(), { kind: 'agent', name: 'x', file: 'x.ddl' })))

for (const [name, file, kind, seeds] of [
  ['ddl-agent', 'x.ddl', 'agent', agents],
  ['ddl-data', 'x_data.ddl', 'data', [seedOf('made/query_data.ddl'), seedOf('debian/data/agent_data.ddl')]],
  ['ddl-json', 'x.ddl.json', 'agent', agents.map(asJson)],
] as const) {
  registerTarget(
    name,
    (bytes) => {
      const ddl = parseDdlFile(Buffer.from(bytes).toString(), { kind, name: 'x', file, version: '3.0.0' })
      renderDdl(ddl)
      ddlToJson(ddl)
      typesFromDdl(ddl)
    },
    DDL_ERRORS,
    {
      seeds,
      tokens: [
        '#{',
        '}',
        ' do\n',
        'end\n',
        '<<~A\n',
        '["a"].each do |x|\n',
        ':x => ',
        '"',
        "'",
        '/',
        '=begin\n',
        '.gsub(/a*/, "b")',
        '__proto__',
        '{"',
        '[',
      ],
      weight: 0.3,
    },
  )
}

registerTarget(
  'printf',
  (bytes) => void formatPrintf(Buffer.from(bytes).toString(), ['a', 3, -2.5, null], { a: [1] }),
  ['DDL_BAD_FORMAT'],
  {
    seeds: ['%5s = %-3d|%+.2f', '%1$s %<a>s %{a} %%', '%#x %08.3g %e'].map((text) => Buffer.from(text)),
    tokens: ['%', '$', '<a>', '{a}', '#', '0', '999', '.'],
  },
)
