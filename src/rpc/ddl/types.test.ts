import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parseDdl } from './parse.ts'
import { typesFromDdl } from './types.ts'

const FIXTURES = new URL('../../../tests/fixtures/ddl/', import.meta.url)
const HEAD = `metadata :name => "n", :description => "Does */ things", :author => "a", :license => "l", :version => "1", :url => "u", :timeout => 5
`

describe('TypeScript types from a DDL', () => {
  it('typesFromDdl writes inputs, outputs, defaults, lists and odd names', () => {
    const text = `${HEAD}action "do-it", :description => "Do\nit" do
      input :name, :prompt => "p", :description => "Who", :type => :string, :validation => ".", :maxlength => 0, :optional => false
      input :mode, :prompt => "p", :description => "", :type => :list, :list => ["a", "it's", 3], :optional => true
      input :count, :prompt => "p", :description => "n", :type => :integer, :optional => false, :default => 1
      output :status, :description => "s", :display_as => "S", :type => :string, :default => "x"
      output :pid, :description => "s", :display_as => "S", :type => :integer
      output :rest, :description => "s", :display_as => "S"
    end
    action "nothing", :description => "" do
    end`
    assert.equal(
      typesFromDdl(parseDdl(text, { kind: 'agent', name: 'my-agent', file: 'f' })),
      `// Made from the DDL of agent my-agent 1. Do not edit: change the DDL.

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

/** Does * / things */
export interface MyAgentActions {
  /** Do it */
  'do-it': {
    input: {
      /** Who */
      name: string
      mode?: 'a' | 'it\\'s' | 3
      /** n */
      count?: number
    }
    output: {
      /** s */
      status: string
      /** s */
      pid: number | null
      /** s */
      rest: Value
    }
  }
  nothing: {
    input: Record<never, never>
    output: Record<never, never>
  }
}
`,
    )
  })

  it('typesFromDdl writes data plugins and always makes valid TypeScript', async () => {
    const fstat = parseDdl(readFileSync(new URL('debian/data/fstat_data.ddl', FIXTURES), 'utf8'), {
      kind: 'data',
      name: 'fstat',
      file: 'f',
    })
    const text = typesFromDdl(fstat)
    assert.match(
      text,
      /export interface FstatData \{\n {2}\/\*\* Valid File Name \*\/\n {2}query: string\n {2}output: \{/,
    )
    const loops = parseDdl(readFileSync(new URL('made/loops.ddl', FIXTURES), 'utf8'), {
      kind: 'agent',
      name: '9x',
      file: 'f',
    })
    const directory = mkdtempSync(join(tmpdir(), 'troupe-types-'))
    try {
      for (const [i, types] of [text, typesFromDdl(loops)].entries()) {
        const file = join(directory, `t${i}.mts`)
        writeFileSync(file, types)
        assert.deepEqual(Object.keys(await import(file)), [], 'types only, and it compiles')
      }
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
