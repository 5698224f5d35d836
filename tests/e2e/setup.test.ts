// A collective made as an operator makes one: `mco setup master`, a token, `mco setup node` on other machines, peadmin at work, the password
// changed while everything runs. [R-006, R-014, R-015, R-016, R-020, R-024, B-018]

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLab, type LabHost } from '../../lab/lab.ts'

const NAMES = ['puppetmaster.example.com', 'web1.example.com', 'web2.example.com']
const lab = await createLab({ hosts: NAMES })
after(() => lab.down())
const [master, web1, web2] = NAMES.map((name) => lab.host(name)) as [LabHost, LabHost, LabHost]
const ETC = '/etc/puppetlabs/mcollective'
const peadmin = (line: string) => master.exec(['su', '-', 'peadmin', '-c', line])

async function start(host: LabHost, program: string, config: string): Promise<void> {
  const line = `${program} --config ${ETC}/${config} >> /var/log/${program}.out 2>&1 & echo $! > /run/${program}.pid`
  await host.run(['setsid', 'sh', '-c', line])
}

/** Waits on the master for machines; `stop` presses Ctrl-C. */
async function waiting(...options: string[]) {
  const line = 'echo $$ > /run/token.pid; exec mco setup token "$@"'
  const child = master.spawn(['sh', '-c', line, 'sh', ...options])
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)))
  let said = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await Promise.race([new Promise((resolve) => child.stdout!.once('data', resolve)), ended])
  const stop = async (): Promise<number> => {
    await master.run(['sh', '-c', 'kill -INT $(cat /run/token.pid)'])
    return ended
  }
  return { token: said.split('\n')[0]!, ended, stop }
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 60; i++) {
    if (await check()) return
    await sleep(250)
  }
  const logs = await Promise.all(
    lab.hosts.map((host) => host.exec(['sh', '-c', 'tail -n 8 /var/log/*.out /var/log/puppetlabs/mcollective/*.log'])),
  )
  assert.fail(`${what} does not come about:\n${logs.map(({ stdout }) => stdout).join('\n')}`)
}

const answering = async (): Promise<string> => (await peadmin('mco find --sort')).stdout

test('mco setup master: a collective, an account that may use it, and nothing for anybody else', async () => {
  const screen = await master.run(['mco', 'setup', 'master', '--names', 'mco.example.com'])
  assert.match(screen, /puppetmaster\.example\.com is now the master of mcollective: broker on port 61613/)
  assert.match(screen, /made +account peadmin +\/var\/lib\/peadmin/)
  assert.equal(await master.run(['stat', '-c', '%a %U', '/var/lib/peadmin/.mcollective']), '600 peadmin\n')
  assert.match(await master.run(['cat', `${ETC}/credentials`]), /^[\w-]{43}\n$/)
  await start(master, 'troupe-broker', 'broker.cfg')
  await start(master, 'mcollectived', 'server.cfg')
  await until('the first node', async () => (await answering()) === `${NAMES[0]}\n`)

  await master.run(['useradd', '--create-home', 'plain'])
  const find = ['find', ETC, '/var/lib/peadmin', '-type', 'f', '-readable']
  assert.equal((await master.exec(find, { user: 'plain' })).stdout, '')
  const refused = await master.exec(['mco', 'ping'], { user: 'plain' })
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /cannot find a client configuration.*permission denied/)

  const before = await master.run(['sh', '-c', `cat ${ETC}/credentials ${ETC}/broker-passwords ${ETC}/ssl/*`])
  const again = await master.run(['mco', 'setup', 'master', '--json'])
  assert.ok(
    JSON.parse(again).items.every(({ fate }: { fate: string }) => fate === 'kept'),
    again,
  )
  assert.equal(await master.run(['sh', '-c', `cat ${ETC}/credentials ${ETC}/broker-passwords ${ETC}/ssl/*`]), before)
})

test('mco setup master: what the operator has put in the way is not followed with the rights of root', async () => {
  await peadmin('mv .mcollective.d aside && ln -s /etc/puppetlabs .mcollective.d')
  const refused = await master.exec(['mco', 'setup', 'master'])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /EACCES: permission denied.*ca\.pem/)
  assert.equal((await master.exec(['ls', '/etc/puppetlabs/ca.pem'])).code, 2)
  await peadmin('rm .mcollective.d && mv aside .mcollective.d')
  await master.run(['mco', 'setup', 'master'])
})

test('mco setup token and node: each token lets one machine join, from standard input, a file or the environment', async () => {
  const { token, ended } = await waiting()
  assert.match(await web1.run(['mco', 'setup', 'node'], { input: token }), /is now a node of mcollective/)
  assert.equal(await ended, 0)
  const used = await web2.exec(['mco', 'setup', 'node'], { env: { MCO_JOIN_TOKEN: token } })
  assert.match(
    used.stderr,
    /cannot join at puppetmaster\.example\.com port 61614.*ECONNREFUSED.*must be waiting there/s,
  )

  const second = await waiting('--for', 'web2.example.com', '--count', '2')
  await web2.writeFile('/root/token', `${second.token}\n`, { mode: 0o600 })
  await web2.run(['mco', 'setup', 'node', '--token-file', '/root/token'])
  const reused = await web2.exec(['mco', 'setup', 'node', '--token-file', '/root/token'])
  assert.match(reused.stderr, /the token has been used/)
  assert.equal(await second.stop(), 1)

  assert.equal(
    await web1.run(['sh', '-c', `stat -c %a ${ETC}/server.cfg ${ETC}/credentials ${ETC}/ssl/ca.pem`]),
    '600\n600\n600\n',
  )
  await Promise.all([start(web1, 'mcollectived', 'server.cfg'), start(web2, 'mcollectived', 'server.cfg')])
  await until('all nodes', async () => (await answering()) === NAMES.map((name) => `${name}\n`).join(''))
})

test('mco setup node: forged, damaged, foreign and exposed tokens are refused, and a master that cannot prove itself gets none', async () => {
  const { token, stop } = await waiting('--minutes', '1')
  const bytes = Buffer.from(token.slice('troupe-join_'.length), 'base64url')
  bytes[45]! ^= 1
  const { createHash } = await import('node:crypto')
  createHash('sha256')
    .update(bytes.subarray(0, -4))
    .digest()
    .copy(bytes, bytes.length - 4, 0, 4)
  const forged = `troupe-join_${bytes.toString('base64url')}`
  const attempt = async (input: string) => (await web2.exec(['mco', 'setup', 'node'], { input })).stderr
  assert.match(await attempt(forged), /the token is not one that is waited for/)
  assert.match(await attempt(token.slice(0, -3)), /not whole, or was changed/)
  assert.match(await attempt('hello'), /must be one word that begins with troupe-join_/)
  const exposed = await web2.exec(['mco', 'setup', 'node', '--token', token])
  assert.match(exposed.stderr, /can be read by every user/)
  assert.ok(!exposed.stderr.includes(token.slice(20, 60)))
  assert.equal(await stop(), 1)

  const other = [
    '--directory',
    '/tmp/other',
    '--state-directory',
    '/tmp/other-state',
    '--no-account',
    '--port',
    '61613',
  ]
  await master.run(['mco', 'setup', 'master', ...other])
  const impostor = await waiting('--directory', '/tmp/other')
  assert.match(await attempt(token), /has another certificate authority than the master that made the token/)
  assert.equal(await impostor.stop(), 1)
})

test('mco credentials: the password changes under a running fleet, and status knows who has it', async () => {
  const status = async () => JSON.parse((await peadmin('mco credentials status --json')).stdout)
  const of = (nodes: { identity: string; password: string }[]) => nodes.map(({ password }) => password).join()
  assert.equal(of((await status()).nodes), 'new,new,new')

  const secret = await master.run(['cat', `${ETC}/credentials`])
  const screen = await master.run(['mco', 'credentials', 'rotate', '--grace', '1h'])
  assert.match(screen, /New password: key [0-9a-f]{8} .*good until /s)
  assert.ok(!screen.includes(secret.trim()))
  assert.notEqual(await master.run(['cat', `${ETC}/credentials`]), secret)
  assert.match(
    (await master.exec(['mco', 'credentials', 'rotate'])).stderr,
    /grace period of the last change runs until/,
  )

  const all = NAMES.map((name) => `${name}\n`).join('')
  assert.equal(await answering(), all, 'nobody has been told yet')
  assert.equal(of((await status()).nodes), 'both,old,old')
  assert.equal((await peadmin('mco credentials status')).code, 2)

  for (const name of ['credentials.previous', 'credentials']) {
    await web1.writeFile(`${ETC}/${name}`, await master.run(['cat', `${ETC}/${name}`]), { mode: 0o600 })
  }
  assert.equal(of((await status()).nodes), 'both,both,old')
  assert.equal(await answering(), all, 'one has been told')
  assert.match((await master.exec(['mco', 'credentials', 'finish'])).stderr, /Will not forget .* 1 node with only that/)

  for (const name of ['credentials.previous', 'credentials']) {
    await web2.writeFile(`${ETC}/${name}`, await master.run(['cat', `${ETC}/${name}`]), { mode: 0o600 })
  }
  await until('the new password', async () => of((await status()).nodes) === 'both,both,both')
  assert.equal(await master.run(['mco', 'credentials', 'finish', '--json']), '{"finished":true}\n')
  assert.equal(await answering(), all, 'the former password is forgotten on the master')
  assert.equal(of((await status()).nodes), 'new,new,new')
  const stale = await web1.exec([
    'sh',
    '-c',
    `grep -c 'read ${ETC}/credentials' /var/log/puppetlabs/mcollective/mcollective.log`,
  ])
  assert.notEqual(stale.stdout.trim(), '0')
})
