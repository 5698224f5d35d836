// The lab itself: hosts are apart from this machine and from each other, and nothing is left of them.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLab, findLabs, sweep } from '../../lab/lab.ts'

const lab = await createLab({ hosts: ['one.example.com', 'two.example.com'] })
after(() => lab.down())
const [one, two] = [lab.host('one.example.com'), lab.host('two.example.com')]

test('a host has its own name, processes and files', async () => {
  assert.equal(await one.run(['hostname']), 'one.example.com\n')
  assert.doesNotMatch(await one.run(['ps', 'ax']), new RegExp(`^\\s*${process.pid} `, 'm'))
  await one.writeFile('/etc/only-here', 'x')
  assert.equal((await two.exec(['cat', '/etc/only-here'])).code, 1)
  assert.equal(existsSync('/etc/only-here'), false)
})

test('a host has its own accounts, and commands run as them', async () => {
  await one.run(['useradd', '--create-home', 'labuser'])
  assert.equal(
    await one.run(['sh', '-c', 'echo $(id -un) $HOME $PWD'], { user: 'labuser' }),
    'labuser /home/labuser /home/labuser\n',
  )
  assert.equal((await two.exec(['id', 'labuser'])).code, 1)
})

test('hosts reach each other by name, until the cable is pulled', async () => {
  const script = `const net = require('node:net')
    net.createServer((s) => s.end('hello')).listen(4711, '0.0.0.0', () => console.log('up'))`
  const node = '/opt/troupe/node_modules/.bin/node'
  const server = two.spawn([node, '-e', script])
  await new Promise((resolve) => server.stdout!.once('data', resolve))
  const ask = `require('node:net').connect(4711, 'two').on('data', (d) => { console.log(String(d)); process.exit() }).on('error', () => process.exit(1))
    setTimeout(() => process.exit(2), 500)`
  assert.equal(await one.run([node, '-e', ask]), 'hello\n')
  two.connect(false)
  assert.notEqual((await one.exec([node, '-e', ask])).code, 0)
  two.connect(true)
  assert.equal(await one.run([node, '-e', ask]), 'hello\n')
  server.kill('SIGKILL')
})

test('the checkout is visible and cannot be written', async () => {
  await one.run(['test', '-f', '/opt/troupe/package.json'])
  assert.notEqual((await one.exec(['touch', '/opt/troupe/x'])).code, 0)
})

test('exec passes input, environment and exit code on, and ends what takes too long', async () => {
  const result = await one.exec(['sh', '-c', 'cat; echo "$WORD" >&2; exit 7'], { input: 'in', env: { WORD: 'a b' } })
  assert.deepEqual(result, { code: 7, stdout: 'in', stderr: 'a b\n' })
  await assert.rejects(one.exec(['sleep', '3333'], { timeoutMs: 200 }), /did not end in 200 ms/)
  await sleep(100)
  assert.doesNotMatch(await one.run(['ps', 'ax', '-o', 'stat=,args=']), /^[^Z].*sleep 3333/m)
})

test('a lab ends with the process that made it, even a killed one', async () => {
  const code = `const { createLab } = await import(${JSON.stringify(new URL('../../lab/lab.ts', import.meta.url).href)})
    const lab = await createLab({ hosts: ['three.example.com'] }); console.log(lab.name); setInterval(() => {}, 1000)`
  const maker = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  const name = String(await new Promise((resolve) => maker.stdout.once('data', resolve))).trim()
  assert.ok(findLabs().some((one) => one.name === name))
  maker.kill('SIGKILL')
  for (let i = 0; i < 100 && findLabs().some((one) => one.name === name); i++) await sleep(50)
  assert.ok(!findLabs().some((one) => one.name === name))
  sweep()
  assert.equal(existsSync(`/run/troupe-lab/${name}`), false)
})
