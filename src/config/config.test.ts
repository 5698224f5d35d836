import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { isTroupeError, type TroupeError } from '#base/errors.ts'
import { DEFINITIONS, type Definition } from './definitions.ts'
import { parseLines } from './lines.ts'
import { type ConfigFiles, loadConfig, parseConfig, searchPaths } from './load.ts'
import { nearestKey } from './lookup.ts'
import { ITEM_NAMES } from './mask.ts'
import { renderSettingsPage } from './reference-page.ts'
import { parseBoolean, parseInteger, parseValue, splitAddress } from './value.ts'
import type { Problem } from './values.ts'

const context = { env: {}, home: '/var/lib/peadmin', hostname: 'node1.example.com' }
const server = (text: string, env: Record<string, string> = {}) =>
  parseConfig(text, '/etc/x/server.cfg', 'server', { ...context, env })
const client = (text: string, env: Record<string, string> = {}) =>
  parseConfig(text, '/var/lib/peadmin/.mcollective', 'client', { ...context, env })
const broker = (text: string) => parseConfig(text, '/etc/x/broker.cfg', 'broker', context)

function problemsOf(run: () => unknown): readonly Problem[] {
  try {
    run()
  } catch (error) {
    assert.ok(isTroupeError(error, 'CONFIG_INVALID'), String(error))
    return error.details.problems as Problem[]
  }
  return assert.fail('the configuration was accepted')
}

function filesOf(files: Record<string, string | Error>): ConfigFiles {
  const missing = () => Object.assign(new Error('no such file'), { code: 'ENOENT' })
  return {
    read(path) {
      const text = files[path]
      if (text === undefined) throw missing()
      if (text instanceof Error) throw text
      return text
    },
    list(directory) {
      const names = Object.keys(files).filter((path) => path.startsWith(`${directory}/`))
      if (names.length === 0) throw missing()
      return names.map((path) => path.slice(directory.length + 1))
    },
  }
}

interface Vectors<Case> {
  readonly cases: readonly Case[]
}
const vectors = <Case>(name: string): readonly Case[] => {
  const url = new URL(`../../tests/fixtures/mcollective/${name}`, import.meta.url)
  return (JSON.parse(readFileSync(url, 'utf8')) as Vectors<Case>).cases
}

interface LineCase {
  readonly line: string
  readonly error?: string
  readonly ok?: {
    readonly pluginconf: Readonly<Record<string, string>>
    readonly collectives: readonly string[]
    readonly main_collective: string
    readonly ttl: number
    readonly registration: string
    readonly direct_addressing: boolean
  }
}

for (const { line, ok } of vectors<LineCase>('config_lines.json')) {
  test(`parseConfig: reads ${JSON.stringify(line)} as MCollective does [wire 9.1]`, () => {
    if (!ok) {
      assert.equal(problemsOf(() => server(line)).length, 1)
      return
    }
    const settings = server(line)
    assert.deepEqual(settings.collectives, ok.collectives)
    assert.equal(settings.mainCollective, ok.main_collective)
    assert.equal(settings.ttlSeconds, ok.ttl)
    assert.equal(settings.registration.plugin, ok.registration.toLowerCase())
    assert.equal(settings.directAddressing, ok.direct_addressing)
    assert.deepEqual(settings.item('pluginconf'), ok.pluginconf)
    for (const [name, value] of Object.entries(ok.pluginconf)) assert.equal(settings.plugin(name), value)
  })
}

for (const { input, ok } of vectors<{ readonly input: string; readonly ok?: boolean }>('str_to_bool.json')) {
  test(`parseBoolean: ${JSON.stringify(input)} as MCollective reads it [wire 9.1]`, () => {
    assert.equal(parseBoolean(input), ok)
  })
}

test('parseInteger: Ruby notation, and nothing else', () => {
  const right: [string, number][] = [
    ['60', 60],
    ['0', 0],
    ['-5', -5],
    ['+5', 5],
    ['1_000', 1000],
    ['0x10', 16],
    ['0XfF', 255],
    ['0b11', 3],
    ['0o17', 15],
    ['017', 15],
    ['0d19', 19],
  ]
  for (const [text, value] of right) assert.equal(parseInteger(text), value, text)
  for (const text of ['', 'abc', '1.5', '1e3', '08', '0x', '0xg', '_1', '1_', '1__0', '1 2', 'ff', '9'.repeat(400)]) {
    assert.equal(parseInteger(text), undefined, text)
  }
})

test('parseLines: a byte order mark and CRLF are no part of keys and values', () => {
  const { entries } = parseLines('\uFEFFidentity = a\r\nttl = 30\r\n', 'x.cfg')
  assert.deepEqual(
    entries.map((e) => [e.key, e.text, e.line]),
    [
      ['identity', 'a', 1],
      ['ttl', '30', 2],
    ],
  )
})

test('parseLines: a line of a million signs takes no time worth noticing', () => {
  const { entries, warnings } = parseLines(`${'='.repeat(500_000)}\n${' ='.repeat(250_000)}\nx = y`, 'x.cfg')
  assert.equal(entries.at(-1)?.key, 'x')
  assert.ok(warnings.length + entries.length <= 3)
})

test('parseLines: what is not an assignment is ignored with a warning that names the line', () => {
  assert.deepEqual(parseLines('# fine\n\nnonsense\nkey =\n', 'x.cfg').warnings, [
    "x.cfg line 3: ignored, not of the form 'key = value'",
    "x.cfg line 4: ignored, not of the form 'key = value'",
  ])
})

test('parseConfig: names every problem with file, line, key and what is allowed', () => {
  const text =
    'identiy = a\nttl = never\nconnector = carrier-pigeon\ndirect_addressing = on\nplugin.psk.callertype = name\n'
  const problems = problemsOf(() => server(text))
  assert.deepEqual(
    problems.map((p) => [p.file, p.line]),
    [1, 2, 3, 4, 5].map((line) => ['/etc/x/server.cfg', line]),
  )
  assert.match(problems[0]!.message, /'identiy' is not a setting; did you mean 'identity'\?/)
  assert.match(problems[1]!.message, /ttl is 'never'; it must be a whole number of seconds from 1 to 86400/)
  assert.match(problems[2]!.message, /one of activemq, rabbitmq, stomp/)
  assert.match(problems[3]!.message, /one of 1, yes, true/)
  assert.match(problems[4]!.message, /one of uid, gid, user, group, identity/)
})

test('parseConfig: the error text lists all problems', () => {
  assert.throws(
    () => server('a = 1\nb = 2'),
    (error: TroupeError) =>
      /2 problems/.test(error.message) && /line 1: 'a'/.test(error.message) && /line 2: 'b'/.test(error.message),
  )
})

test('parseConfig: a file that is no configuration at all is refused soon, and not word by word', () => {
  const text = Array.from({ length: 20_000 }, (_, i) => `identitx${i} = 1`).join('\n')
  assert.throws(
    () => server(text),
    (error: TroupeError) => /20000 problems/.test(error.message) && /and 19950 more$/.test(error.message),
  )
})

test('parseConfig: text of a file reaches the message bounded and without control characters', () => {
  const [problem] = problemsOf(() => server(`ttl = \u001b[2J${'x'.repeat(10_000)}`))
  assert.ok(problem!.message.length < 300)
  assert.ok(!problem!.message.includes('\u001b'))
})

test('parseConfig: a key of the broker in server.cfg is sent to broker.cfg, and the other way round', () => {
  assert.match(problemsOf(() => server('broker.tls = 0'))[0]!.message, /belongs in broker\.cfg/)
  assert.match(problemsOf(() => broker('broker.tls = 0\nidentity = a'))[0]!.message, /belongs in server\.cfg/)
  assert.match(problemsOf(() => broker('broker.tls = 0\nplugin.psk = a'))[0]!.message, /belongs in server\.cfg/)
})

test('parseConfig: client and server files may hold keys of each other', () => {
  assert.equal(client('registerinterval = 300').kind, 'client')
  assert.equal(server('color = 0').kind, 'server')
})

test('parseConfig: keys of MCollective 1.x and PE 2.0 only warn', () => {
  const settings = server(
    [
      'topicprefix = /topic/',
      'topicsep = .',
      'rpchelptemplate = /usr/share/x.erb',
      'connector = stomp',
      'plugin.stomp.host = puppet.example.com',
      'plugin.stomp.port = 61613',
      'plugin.stomp.user = mcollective',
      'plugin.stomp.password = marionette',
      'plugin.stomp.ssl = 0',
    ].join('\n'),
  )
  assert.equal(settings.warnings.length, 9)
  assert.equal(settings.connection.connector, 'activemq')
  const [member] = settings.connection.pool
  assert.deepEqual([member?.host, member?.port, member?.user], ['puppet.example.com', 61613, 'mcollective'])
  assert.equal(member?.password?.reveal(), 'marionette')
})

test('parseConfig: defaults', () => {
  const settings = server('')
  assert.equal(settings.identity, 'node1.example.com')
  assert.deepEqual(settings.collectives, ['mcollective'])
  assert.equal(settings.log.type, 'file')
  assert.equal(settings.log.level, 'info')
  assert.deepEqual(settings.facts.yamlFiles, ['/etc/x/facts.yaml'])
  assert.equal(settings.authorization.policyDirectory, '/etc/x/policies')
  assert.equal(settings.rosterFile, '/var/lib/mcollective/roster.json')
  assert.equal(settings.classesFile, undefined)
  assert.equal(client('').log.type, 'console')
  assert.equal(client('').log.level, 'warn')
  assert.equal(client('').look, 'classic')
})

test('parseConfig: the last of several wins, with a warning; repeatable keys add up', () => {
  const settings = client(
    'ttl = 10\nttl = 20\nlibdir = /a:/b\nlibdir = /c\ndefault_discovery_options = x, y\ndefault_discovery_options = z',
  )
  assert.equal(settings.ttlSeconds, 20)
  assert.match(settings.warnings[0]!, /line 2: ttl is set again; the value of .* line 1 is not used/)
  assert.deepEqual(settings.libdirs, ['/a', '/b', '/c'])
  assert.deepEqual(settings.discoveryOptions, ['x, y', 'z'])
  assert.equal(settings.warnings.length, 1)
})

test('parseConfig: relative files lie beside the configuration, ~/ is the home directory, libdir is absolute', () => {
  assert.equal(server('plugin.psk.file = key').security.psk.keyFile, '/etc/x/key')
  assert.equal(client('rosterfile = ~/roster').rosterFile, '/var/lib/peadmin/roster')
  assert.match(problemsOf(() => server('libdir = plugins'))[0]!.message, /absolute directories/)
})

const POOL = 'plugin.activemq.pool.1.host = a\nplugin.activemq.pool.1.ssl.ca = /ca.pem\n'

test('parseConfig: variables of the environment come before the file', () => {
  const env = {
    MCOLLECTIVE_PSK: 'from-env',
    STOMP_USER: 'u',
    STOMP_PASSWORD: 'p',
    MCOLLECTIVE_ACTIVEMQ_POOL1_SSL_CERT: '/c.pem',
    MCOLLECTIVE_ACTIVEMQ_POOL1_SSL_KEY: '/k.pem',
    MCO_LOOK: 'modern',
    NO_COLOR: '1',
  }
  const settings = client(`plugin.psk = from-file\ncolor = 1\n${POOL}`, env)
  assert.equal(settings.security.psk.key?.reveal(), 'from-env')
  const [member] = settings.connection.pool
  assert.equal(member?.user, 'u')
  assert.equal(member?.password?.reveal(), 'p')
  assert.equal(member?.tls?.certFile, '/c.pem')
  assert.equal(member?.tls?.keyFile, '/k.pem')
  assert.equal(settings.look, 'modern')
  assert.equal(settings.color, false)
  assert.equal(client('color = 1', { NO_COLOR: '' }).color, true)
  assert.match(problemsOf(() => client('', { MCO_LOOK: 'baroque' }))[0]!.message, /variable MCO_LOOK is 'baroque'/)
})

test('parseConfig: TLS is on and verified unless the file says otherwise', () => {
  assert.equal(server(POOL).connection.pool[0]?.tls?.verify, 'host')
  const bare = 'plugin.activemq.pool.1.host = a\n'
  const [problem] = problemsOf(() => server(bare))
  assert.equal(problem?.line, 1)
  assert.match(problem!.message, /ssl\.ca is missing; .*ssl\.verify = none.*ssl = 0/)
  assert.equal(server(`${bare}plugin.activemq.pool.1.ssl = 0`).connection.pool[0]?.tls, undefined)
  assert.equal(server(`${bare}plugin.activemq.pool.1.ssl.verify = none`).connection.pool[0]?.tls?.verify, 'none')
  const fallback = server(`${bare}plugin.activemq.pool.1.ssl.fallback = 1`)
  assert.equal(fallback.connection.pool[0]?.tls?.verify, 'none')
  assert.match(fallback.warnings[0]!, /anybody can pose as it/)
  assert.match(
    problemsOf(() => server(`${POOL}plugin.activemq.pool.1.ssl.cert = /c`))[0]!.message,
    /ssl\.cert is set alone/,
  )
})

test('parseConfig: the pool has the size that is set, or as many brokers as have a host', () => {
  assert.deepEqual(
    server(
      'plugin.rabbitmq.pool.2.host = b\nplugin.rabbitmq.pool.2.ssl = 0\nplugin.rabbitmq.pool.1.host = a\nplugin.rabbitmq.pool.1.ssl=0\nconnector = rabbitmq',
    ).connection.pool.map((m) => m.host),
    ['a', 'b'],
  )
  const [problem] = problemsOf(() => server(`${POOL}plugin.activemq.pool.size = 2`))
  assert.equal(problem?.key, 'plugin.activemq.pool.2.host')
  assert.equal(problem?.line, 3)
})

test('parseConfig: a mistyped key under plugins of the core warns with the nearest name', () => {
  const settings = server('plugin.activemq.pool.1.hots = a\nplugin.psk.calertype = uid\nplugin.weather.city = x')
  assert.equal(settings.warnings.length, 2)
  assert.match(settings.warnings[0]!, /did you mean plugin\.activemq\.pool\.1\.host\?/)
  assert.match(settings.warnings[1]!, /did you mean plugin\.psk\.callertype\?/)
})

test('parseConfig: agents are active as activate_agents says, unless their own setting differs', () => {
  const settings = server('activate_agents = 0\nplugin.puppetd.activate_agent = 1')
  assert.equal(settings.agentActivated('puppetd'), true)
  assert.equal(settings.agentActivated('service'), false)
  assert.equal(server('').agentActivated('__proto__'), true)
})

test('parseConfig: a previous key must have an end', () => {
  assert.match(problemsOf(() => server('plugin.psk.previous = old'))[0]!.message, /previous_until/)
  const { psk } = server('plugin.psk.previous = old\nplugin.psk.previous_until = 2026-12-01T00:00:00Z').security
  assert.equal(psk.previousUntilMs, Date.UTC(2026, 11, 1))
})

test('parseConfig: broker.cfg', () => {
  const settings = broker(
    [
      'broker.listen = [::1]:0',
      'broker.tls.cert = cert.pem',
      'broker.tls.key = key.pem',
      'broker.tls.ca = ca.pem',
      'broker.account.nodes.role = node',
      'broker.account.nodes.password = n',
      'broker.account.admin.role = client',
      'broker.account.admin.certificate = admin',
    ].join('\n'),
  )
  assert.deepEqual(settings.listen, { host: '::1', port: 0 })
  assert.equal(settings.tls?.certFile, '/etc/x/cert.pem')
  assert.equal(settings.tls?.clientCertificates, 'optional')
  assert.deepEqual(
    settings.accounts.map((a) => [a.name, a.role, a.password?.reveal(), a.certificates]),
    [
      ['nodes', 'node', 'n', []],
      ['admin', 'client', undefined, ['admin']],
    ],
  )
  const problems = problemsOf(() => broker('broker.account.x.role = boss\nbroker.listen = here'))
  assert.deepEqual(
    new Set(problems.map((p) => p.key)),
    new Set(['broker.account.x.role', 'broker.listen', 'broker.tls.cert', 'broker.tls.key']),
  )
})

test('splitAddress: hosts, IPv6 in brackets, ports', () => {
  assert.deepEqual(splitAddress('[::]:61613'), { host: '::', port: 61613 })
  for (const text of ['::1:61613', 'a', 'a:', ':1', 'a:65536', 'a b:1'])
    assert.equal(splitAddress(text), undefined, text)
})

const SECRETS = ['hunter2-psk', 'hunter2-previous', 'hunter2-password', 'hunter2-agent']
const SECRET_TEXT = `plugin.psk = hunter2-psk
plugin.psk.previous = hunter2-previous
plugin.psk.previous_until = 2026-12-01
plugin.activemq.pool.1.password = hunter2-password
plugin.registry.password = hunter2-agent
${POOL}`

test('settings: secrets are never printed [agents A8]', () => {
  const settings = server(SECRET_TEXT)
  const outputs = [
    inspect(settings, { depth: 20, showHidden: true }),
    JSON.stringify(settings),
    `${settings.security.psk.key}`,
  ]
  for (const name of [...ITEM_NAMES, 'pluginconf', 'plugin.activemq.pool.1.password', 'plugin.registry.password']) {
    outputs.push(JSON.stringify(settings.item(name) ?? null))
  }
  for (const secret of SECRETS) assert.ok(!outputs.some((text) => text.includes(secret)), secret)
  assert.equal(settings.item('plugin.psk'), '(secret)')
  assert.equal(settings.item('plugin.registry.password'), '(secret)')
})

test('settings: agents read their own settings, but not the secrets of the core', () => {
  const settings = server(SECRET_TEXT)
  assert.equal(settings.plugin('registry.password'), 'hunter2-agent')
  assert.equal(settings.plugin('psk'), undefined)
  assert.equal(settings.plugin('activemq.pool.1.password'), undefined)
  assert.equal(settings.plugin('psk.previous'), undefined)
})

test('parseValue: any text is a fitting secret, so that none is ever shown as wrong', () => {
  const secret = (DEFINITIONS as readonly Definition[]).filter((d) => d.type === 'secret')
  for (const definition of secret) {
    const parsed = parseValue(definition, 'x', { home: '/', directory: '/' })
    assert.ok('value' in parsed, definition.key)
  }
})

test('item: what is in effect, null when nothing is set, undefined for no such setting', () => {
  const settings = server(`ttl = 0x10\nplugin.weather.city = Oslo\n${POOL}`)
  assert.equal(settings.item('ttl'), 16)
  assert.equal(settings.item('keeplogs'), 5)
  assert.equal(settings.item('soft_shutdown_timeout'), null)
  assert.equal(settings.item('plugin.weather.city'), 'Oslo')
  assert.equal(settings.item('plugin.activemq.pool.1.host'), 'a')
  assert.equal(settings.item('plugin.activemq.pool.1.port'), 61613)
  assert.equal(settings.item('plugin.puppetd.activate_agent'), null)
  assert.equal(settings.item('configfile'), '/etc/x/server.cfg')
  assert.equal(settings.item('configdir'), '/etc/x')
  for (const name of ['nonsense', 'plugin.nonsense', 'topicprefix', '__proto__', 'constructor', '']) {
    assert.equal(settings.item(name), undefined, name)
  }
})

test('loadConfig: the first readable file of the search order, and only that', () => {
  const home = '/var/lib/peadmin'
  const order = searchPaths('client', home)
  assert.deepEqual(order, [
    '/var/lib/peadmin/.mcollective',
    '/etc/puppetlabs/mcollective/client.cfg',
    '/etc/mcollective/client.cfg',
    '/var/lib/peadmin/.troupe/client.cfg',
  ])
  for (const [index, path] of order.entries()) {
    const files = filesOf(Object.fromEntries(order.slice(index).map((p, i) => [p, `ttl = ${10 + i}`])))
    const settings = loadConfig('client', { ...context, home, files })
    assert.equal(settings.file, path)
    assert.equal(settings.ttlSeconds, 10)
  }
})

test('loadConfig: no file, an unreadable one, a directory, a binary, a huge one', () => {
  const denied = Object.assign(new Error('EACCES'), { code: 'EACCES' })
  const code = (files: Record<string, string | Error>, file?: string) => {
    try {
      loadConfig('server', { ...context, files: filesOf(files), ...(file ? { file } : {}) })
    } catch (error) {
      return isTroupeError(error) ? `${error.code}: ${error.message}` : String(error)
    }
    return 'accepted'
  }
  assert.match(code({}), /^CONFIG_NOT_FOUND.*\/etc\/puppetlabs\/mcollective\/server\.cfg.*--config/)
  assert.match(code({ '/etc/mcollective/server.cfg': denied }), /^CONFIG_NOT_FOUND.*permission denied/)
  assert.match(code({}, '/nowhere'), /^CONFIG_NOT_FOUND.*\/nowhere/)
  assert.match(code({ '/f': denied }, '/f'), /^CONFIG_UNREADABLE.*permission denied/)
  assert.match(code({ '/f': Object.assign(new Error('x'), { code: 'EISDIR' }) }, '/f'), /^CONFIG_UNREADABLE.*directory/)
  assert.match(code({ '/f': 'a\0b' }, '/f'), /^CONFIG_UNREADABLE.*not a text file/)
  assert.match(code({ '/f': '#'.repeat(3_000_000) }, '/f'), /^CONFIG_UNREADABLE.*characters/)
})

test('loadConfig: files of plugin.d mean plugin.NAME.key and come after the main file', () => {
  const files = filesOf({
    '/c/server.cfg': 'plugin.puppetd.splaytime = 1\n',
    '/c/plugin.d/puppetd.cfg': '\uFEFFsplaytime = 2\r\n# no\r\n',
    '/c/plugin.d/odd-name.cfg': 'a = b',
    '/c/plugin.d/README': 'a = b',
  })
  const settings = loadConfig('server', { ...context, file: '/c/server.cfg', files })
  assert.equal(settings.plugin('puppetd.splaytime'), '2')
  assert.ok(settings.warnings.some((w) => w.includes('odd-name.cfg')))
  assert.ok(!settings.warnings.some((w) => w.includes('README')))
})

test('loadConfig: a problem in plugin.d names that file', () => {
  const files = filesOf({ '/c/server.cfg': '', '/c/plugin.d/rpcaudit.cfg': '\nformat = xml' })
  const [problem] = problemsOf(() => loadConfig('server', { ...context, file: '/c/server.cfg', files }))
  assert.deepEqual([problem?.file, problem?.line], ['/c/plugin.d/rpcaudit.cfg', 2])
})

test('nearestKey: finds slips of the keyboard, and nothing for other words', () => {
  assert.equal(nearestKey('main-collective', 'server'), 'main_collective')
  assert.equal(nearestKey('colectives', 'server'), 'collectives')
  assert.equal(nearestKey('weather', 'server'), undefined)
  assert.equal(nearestKey('x'.repeat(100_000), 'server'), undefined)
})

test('definitions: keys are unique, defaults pass their own rules', () => {
  const all = DEFINITIONS as readonly Definition[]
  assert.equal(new Set(all.map((d) => d.key)).size, all.length)
  for (const d of all) {
    if (d.default === undefined) continue
    const text = Array.isArray(d.default) ? d.default.join(',') : String(d.default)
    const parsed = parseValue(d, text, { home: '/', directory: '/' })
    assert.deepEqual('value' in parsed ? parsed.value : parsed, d.default, d.key)
  }
})

test('renderSettingsPage: docs/reference/settings.md is what it gives', () => {
  const page = readFileSync(new URL('../../docs/reference/settings.md', import.meta.url), 'utf8')
  assert.equal(page, renderSettingsPage(), 'run node scripts/settings-page.mjs')
})

const AES = [
  'securityprovider = aes',
  'plugin.aes.key = /etc/x/aes/node.key',
  'plugin.aes.certificate = aes/node.pem',
  'plugin.aes.authority = /etc/x/aes/authority.pem:/etc/x/aes/old.pem',
  'plugin.aes.group = /etc/x/aes/group.key',
].join('\n')

test('parseConfig: securityprovider = aes with its files, relative ones beside the configuration', () => {
  const { security, warnings } = server(`${AES}\nplugin.aes.revoked = aes/revoked\n`)
  assert.equal(security.scheme, 'aes')
  assert.deepEqual(security.aes, {
    keyFile: '/etc/x/aes/node.key',
    certificateFile: '/etc/x/aes/node.pem',
    authorityFiles: ['/etc/x/aes/authority.pem', '/etc/x/aes/old.pem'],
    groupFiles: ['/etc/x/aes/group.key'],
    revokedFile: '/etc/x/aes/revoked',
    certificatesDirectory: undefined,
    previousKeyFiles: [],
    acceptPsk: false,
  })
  assert.deepEqual(warnings, [])
})

test('parseConfig: securityprovider = aes needs key, certificate, authority and group', () => {
  const problems = problemsOf(() => server('securityprovider = aes\n'))
  const keys = ['key', 'certificate', 'authority', 'group'].map((name) => `plugin.aes.${name}`)
  assert.deepEqual(
    problems.map(({ key, line }) => [key, line]),
    keys.map((key) => [key, 1]),
  )
})

test('parseConfig: plugin.aes.accept takes psk, with a warning, and nothing else', () => {
  const { security, warnings } = server(`${AES}\nplugin.aes.accept = psk\n`)
  assert.equal(security.aes.acceptPsk, true)
  assert.match(warnings.join('\n'), /plugin\.aes\.accept: .*whoever has the pre-shared key can command/)
  const problems = problemsOf(() => server(`${AES}\nplugin.aes.accept = psk, none\n`))
  assert.match(problems[0]!.message, /plugin\.aes\.accept names 'none'; it may name psk/)
})

test('parseConfig: a mistyped setting of aes is told, also those of the Ruby scheme of that name', () => {
  const { warnings } = server(`${AES}\nplugin.aes.certficate = x\nplugin.aes.learn_pubkeys = 1\n`)
  assert.match(warnings[0]!, /plugin\.aes\.certficate is not a known setting .*did you mean plugin\.aes\.certificate/)
  assert.match(warnings[1]!, /plugin\.aes\.learn_pubkeys is not a known setting and has no effect/)
})
