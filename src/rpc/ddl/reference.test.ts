// The examples of docs/reference/ddl.md are read, converted and called as the page says.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { checkInputs, findAction } from '../validate/check-inputs.ts'
import { VALIDATORS } from '../validate/validators.ts'
import { ddlToJson } from './json.ts'
import { parseDdl } from './parse.ts'
import { typesFromDdl } from './types.ts'

const page = readFileSync(new URL('../../../docs/reference/ddl.md', import.meta.url), 'utf8')

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((match) => match[1] ?? '')
}

describe('docs/reference/ddl.md', () => {
  const [agent = '', data = '', discovery = '', loop = ''] = blocks('ruby')
  const echo = parseDdl(agent, { kind: 'agent', name: 'echo', file: 'echo.ddl', version: '3.0.0' })

  it('its DDLs are read', () => {
    assert.equal(blocks('ruby').length, 4)
    assert.equal(parseDdl(data, { kind: 'data', name: 'lines', file: 'f' }).outputs[0]?.default, -1)
    assert.deepEqual(parseDdl(discovery, { kind: 'discovery', name: 'inventory', file: 'f' }).capabilities, [
      'classes',
      'facts',
      'identity',
    ])
    const metadata = agent.slice(0, agent.indexOf('requires'))
    const service = parseDdl(metadata + loop, { kind: 'agent', name: 'service', file: 'f' })
    assert.deepEqual(
      service.actions.map(({ name, outputs }) => [name, outputs.length]),
      [
        ['start', 0],
        ['stop', 1],
      ],
    )
  })

  it('its calls are checked as it says', () => {
    const say = findAction(echo, 'say')
    checkInputs(say, 'echo', { message: 'hello there', loudness: 'shout' })
    assert.throws(() => checkInputs(say, 'echo', {}), /^TroupeError: Action say needs a message argument$/)
    assert.match(page, /Action say needs a message argument/)
  })

  it('its JSON and its types are what the DDL gives', () => {
    assert.equal(blocks('json')[0], ddlToJson(echo))
    assert.equal(blocks('ts')[0], typesFromDdl(echo))
  })

  it('it names every validator', () => {
    for (const name of VALIDATORS.keys()) assert.ok(page.includes(`\`:${name}\``), name)
  })
})
