import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Log } from '#base/log.ts'
import { silentLog } from '#base/log.ts'
import type { NodeView } from '#rpc/agent.ts'
import { createDataFiles } from './data-files.ts'
import { createHost } from './host.ts'

const DDL = `metadata :name => "site", :description => "d", :author => "a", :license => "l", :version => "1", :url => "u", :timeout => 1
dataquery :description => "d" do
  output :rack, :description => "r", :display_as => "Rack"
end
`

async function withLibdir(
  run: (directory: string, read: ReturnType<typeof createDataFiles>, errors: string[]) => Promise<void>,
) {
  const libdir = mkdtempSync(join(tmpdir(), 'troupe-data-'))
  const directory = join(libdir, 'mcollective', 'data')
  mkdirSync(directory, { recursive: true })
  const errors: string[] = []
  const log: Log = { ...silentLog, error: (message) => void errors.push(message) }
  try {
    await run(directory, createDataFiles({ libdirs: [libdir], version: '3.0.0', host: createHost(), log }), errors)
  } finally {
    rmSync(libdir, { recursive: true })
  }
}

test('createDataFiles loads a plugin of the site, and its new code at the next reading', () =>
  withLibdir(async (directory, read) => {
    writeFileSync(join(directory, 'site_data.ddl'), DDL)
    writeFileSync(join(directory, 'site_data.mjs'), `export default { query: () => ({ rack: 'r1' }) }`)
    const ask = async () => (await read()).get('site')?.query(null, {} as NodeView, new AbortController().signal)
    assert.deepEqual(await ask(), { rack: 'r1' })
    writeFileSync(join(directory, 'site_data.mjs'), `export default { query: () => ({ rack: 'r2' }) }`)
    assert.deepEqual(await ask(), { rack: 'r2' })
  }))

test('createDataFiles leaves out what cannot be loaded and says why', () =>
  withLibdir(async (directory, read, errors) => {
    writeFileSync(join(directory, 'none_data.ddl'), DDL)
    writeFileSync(join(directory, 'open_data.ddl'), DDL)
    writeFileSync(join(directory, 'open_data.mjs'), `export default { query: () => ({}) }`)
    chmodSync(join(directory, 'open_data.mjs'), 0o666)
    writeFileSync(join(directory, 'wrong_data.ddl'), DDL)
    writeFileSync(join(directory, 'wrong_data.mjs'), `export default { ask: () => ({}) }`)
    assert.deepEqual([...(await read()).keys()], [])
    assert.match(
      errors.join('\n'),
      /there is no none_data.mjs[\s\S]*can be changed by every user[\s\S]*must export an object with a function 'query'/,
    )
  }))
