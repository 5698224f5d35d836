import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { newRequestId } from '#base/id.ts'
import { silentLog } from '#base/log.ts'
import { parseConfig } from '#config/load.ts'
import { EMPTY_FILTER } from '#message/filter.ts'
import type { Request } from '#message/request.ts'
import { previousCredentialsText } from '#security/credentials-text.ts'
import { createPskScheme } from '#security/psk.ts'
import { keyNames, pskFromFiles, pskWithOneKey } from './psk-from-files.ts'

const directory = mkdtempSync(join(tmpdir(), 'troupe-psk-'))
after(() => rmSync(directory, { recursive: true }))
const file = join(directory, 'credentials')
const previousFile = join(directory, 'credentials.previous')
const save = (name: string, text: string, mode = 0o600): void => {
  writeFileSync(`${name}.new`, text)
  chmodSync(`${name}.new`, mode)
  renameSync(`${name}.new`, name)
}

let nowMs = 0
const END_MS = Date.UTC(2026, 10, 23)
const now = (): number => nowMs
beforeEach(() => {
  nowMs = Date.UTC(2026, 10, 22)
  rmSync(previousFile, { force: true })
  save(file, 'the first password\n')
})

const lines: string[] = []
const keep = (message: string): void => void lines.push(message)
const log = { ...silentLog, info: keep, warn: keep, error: keep }
const member = (more = '') => {
  lines.length = 0
  const text = `plugin.psk.file = ${file}\nplugin.psk.previous_file = ${previousFile}\n${more}`
  const settings = parseConfig(text, '/etc/puppetlabs/mcollective/server.cfg', 'server')
  return { psk: settings.security.psk, configFile: settings.file, caller: 'uid=0', log, now }
}
const holderOf = (psk: string) => createPskScheme({ psk, caller: 'uid=0', now })
const request = (): Request => ({
  ...{
    id: newRequestId(),
    agent: 'echo',
    collective: 'mcollective',
    sender: 'a',
    caller: 'uid=0',
    filter: EMPTY_FILTER,
  },
  ...{ sentAtMs: nowMs, ttlSeconds: 60, replyTo: '/queue/x', body: { kind: 'text', text: 'ping' } },
})
const opens = (opener: ReturnType<typeof holderOf>, sealer: ReturnType<typeof holderOf>): boolean => {
  try {
    opener.decodeRequest(sealer.encodeRequest(request()).bytes)
    return true
  } catch (error) {
    assert.ok(isTroupeError(error, 'SECURITY_UNKNOWN_KEY'), String(error))
    return false
  }
}
const [first, second] = [holderOf('the first password'), holderOf('the second password')]

test('pskFromFiles notices at once a changed password when a message needs it, and a minute later when none does', () => {
  const scheme = pskFromFiles(member())
  assert.ok(opens(scheme, first) && opens(first, scheme))
  save(file, 'the second password\n')
  assert.ok(opens(scheme, second))
  assert.ok(!opens(scheme, first))
  assert.ok(opens(second, scheme))

  save(file, 'the first password\n')
  nowMs += 60_000
  assert.ok(opens(first, scheme))
})

test('pskFromFiles accepts both keys of a grace period, seals with the former until two minutes before its end, then refuses it', () => {
  const scheme = pskFromFiles(member())
  save(previousFile, previousCredentialsText({ psk: 'the first password', untilMs: END_MS }))
  save(file, 'the second password\n')
  assert.ok(opens(scheme, second) && opens(scheme, first))
  assert.ok(opens(first, scheme))
  nowMs = END_MS - 120_001
  assert.ok(opens(first, scheme))
  nowMs = END_MS - 120_000
  assert.ok(opens(second, scheme))
  assert.ok(opens(scheme, first))
  nowMs = END_MS + 1
  assert.ok(!opens(scheme, first))
  assert.match(lines.join('\n'), /the key is [0-9a-f]{8}, the former key [0-9a-f]{8} is accepted until 2026-11-23T/)
  assert.doesNotMatch(lines.join('\n'), /first password|second password/)
})

test('pskFromFiles keeps its keys when a file cannot be used any more, and says so', () => {
  const scheme = pskFromFiles(member())
  for (const broken of ['', '# nothing\n', 'short\n']) {
    save(file, broken)
    assert.ok(!opens(scheme, second))
    assert.ok(opens(scheme, first))
    assert.match(lines.at(-1)!, /keeping the password as it was: .*(no password|fewer than 8)/)
  }
  rmSync(file)
  nowMs += 5_000
  assert.ok(opens(scheme, first))
  assert.match(lines.at(-1)!, /keeping .*credentials.*ENOENT/)
})

test('pskFromFiles accepts no former key whose end cannot be understood', () => {
  save(previousFile, 'the second password\nuntil = tomorrow\n')
  assert.ok(!opens(pskFromFiles(member()), second))
  assert.match(lines.at(-1)!, /not accepted: cannot use .*credentials\.previous.*has no end/)
})

test('pskFromFiles: comments and blank lines of a credentials file are not the key', () => {
  save(file, '# changed by Ann\n\n  the first password  \nand more\n')
  assert.ok(opens(pskFromFiles(member()), first))
})

test('pskFromFiles: a key in the configuration, or in MCOLLECTIVE_PSK, comes before the files', () => {
  save(previousFile, previousCredentialsText({ psk: 'the first password', untilMs: END_MS }))
  const scheme = pskFromFiles(member('plugin.psk = the second password\n'))
  assert.ok(opens(scheme, second) && opens(second, scheme))
  assert.ok(!opens(scheme, first))
})

test('pskFromFiles warns of a file that everybody may read', () => {
  save(file, 'the first password\n', 0o644)
  pskFromFiles(member())
  assert.match(lines.at(-1)!, /credentials \(plugin\.psk\.file\) is 0644 and must be 0600/)
  save(file, 'the first password\n', 0o640)
  pskFromFiles(member())
  assert.deepEqual(lines, [])
})

test('pskFromFiles without any key: CONFIG_INCOMPLETE; with a missing file: CONFIG_UNREADABLE', () => {
  rmSync(file)
  assert.throws(
    () => pskFromFiles(member()),
    (error) => isTroupeError(error, 'CONFIG_UNREADABLE'),
  )
  const without = member()
  const psk = { ...without.psk, keyFile: undefined }
  assert.throws(
    () => pskFromFiles({ ...without, psk }),
    (error) => isTroupeError(error, 'CONFIG_INCOMPLETE'),
  )
})

test('pskWithOneKey knows one key alone, the former one also after its end; keyNames names both', () => {
  save(file, 'the second password\n')
  assert.throws(
    () => pskWithOneKey(member(), 'previous'),
    (error) => isTroupeError(error, 'CONFIG_INCOMPLETE'),
  )
  save(previousFile, previousCredentialsText({ psk: 'the first password', untilMs: END_MS }))
  nowMs = END_MS + 1
  const [current, previous] = [pskWithOneKey(member(), 'current'), pskWithOneKey(member(), 'previous')]
  assert.ok(opens(second, current) && opens(current, second) && !opens(current, first))
  assert.ok(opens(first, previous) && opens(previous, first) && !opens(previous, second))
  const names = keyNames(member())
  assert.equal(names.previous?.untilMs, END_MS)
  assert.match(`${names.keyId} ${names.previous?.keyId}`, /^[0-9a-f]{8} [0-9a-f]{8}$/)
})
