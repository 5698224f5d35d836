// What the console's server does with requests that nobody in good faith sends: it says what is wrong, or hangs up, and goes on. Over real
// sockets where the bytes matter. docs/security.md

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { brotliCompressSync } from 'node:zlib'
import { type Asker, startConsole, type TestConsole } from './console.ts'

let troupe: TestConsole
let administrator: Asker
let directory: string
let port: number
const BUILT = 'export {}\n'.repeat(500)

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'console-web-'))
  mkdirSync(join(directory, 'web', 'assets'), { recursive: true })
  writeFileSync(join(directory, 'secret.txt'), 'not for you')
  writeFileSync(join(directory, 'web', '.hidden'), 'not for you')
  writeFileSync(join(directory, 'web', 'assets', 'app-abc123.js'), 'export {}\n'.repeat(300))
  writeFileSync(join(directory, 'web', 'assets', 'built-abc123.js'), BUILT)
  writeFileSync(join(directory, 'web', 'assets', 'built-abc123.js.br'), brotliCompressSync(BUILT))
  writeFileSync(
    join(directory, 'web', 'index.html'),
    '<meta property="csp-nonce" nonce="__CSP_NONCE__"><script src="/assets/app-abc123.js" nonce="__CSP_NONCE__"></script>',
  )
  troupe = await startConsole({
    webDirectory: join(directory, 'web'),
    limits: { headersMs: 300, requestMs: 600, connectionsMax: 20 },
  })
  administrator = await troupe.signedIn('root-of-it', 'administrator')
  port = await troupe.server.listen('127.0.0.1', 0)
})
after(async () => {
  await troupe.stop()
  rmSync(directory, { recursive: true })
})

/** Sends bytes and answers with everything that came back until the other side closed. */
function speak(...pieces: (string | Buffer)[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket = connect(port, '127.0.0.1')
  let said = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    said += text
  })
  socket.on('error', () => {})
  socket.on('close', () => resolve(said))
  for (const piece of pieces) socket.write(piece)
  return promise
}

const request = (line: string, ...headers: string[]): string =>
  `${[line, 'host: console.example.com', 'connection: close', ...headers].join('\r\n')}\r\n\r\n`
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])

async function stillServes(): Promise<void> {
  assert.equal(statusOf(await speak(request('GET /api/session HTTP/1.1'))), 200)
}

describe('bodies', () => {
  const bad: [what: string, payload: string, status: number, code: string][] = [
    ['malformed JSON', '{"name": "a"', 400, 'CONSOLE_INVALID'],
    ['nothing like JSON', '\u0000\u0001', 400, 'CONSOLE_INVALID'],
    ['a text', '"name"', 422, 'CONSOLE_INVALID'],
    ['null', 'null', 422, 'CONSOLE_INVALID'],
    ['nothing', '', 422, 'CONSOLE_INVALID'],
    ['deep lists', '['.repeat(100_000), 400, 'CONSOLE_INVALID'],
    ['deep maps', `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`, 400, 'CONSOLE_INVALID'],
    ['a key __proto__', '{"name":"a","password":"b","__proto__":{"role":"administrator"}}', 400, 'CONSOLE_INVALID'],
    ['a hidden key __proto__', '{"name":"a","password":"b","\\u005f_proto__":{}}', 400, 'CONSOLE_INVALID'],
    ['one inside', '{"name":{"x":[{"__proto__":1}]},"password":"b"}', 400, 'CONSOLE_INVALID'],
    ['a key too many', '{"name":"a","password":"b","role":"administrator"}', 422, 'CONSOLE_INVALID'],
    ['the wrong types', '{"name":["a"],"password":{"$ne":""}}', 422, 'CONSOLE_INVALID'],
    ['more than may be', `{"name":"a","password":"${'x'.repeat(1_100_000)}"}`, 413, 'CONSOLE_TOO_LARGE'],
  ]
  for (const [what, payload, status, code] of bad) {
    test(`${what}: ${status} ${code}`, async () => {
      const answer = await administrator.ask('POST', '/api/session', undefined, { payload })
      assert.deepEqual([answer.status, answer.body.code], [status, code], answer.text)
      assert.equal(({} as Record<string, unknown>).role, undefined)
    })
  }

  test('inputs that do not fit are named, with what is wrong', async () => {
    const { body } = await administrator.post('/api/accounts', { name: 'No Good', role: 'king', password: 'short' })
    assert.deepEqual(Object.keys(body.fields).sort(), ['name', 'password', 'role'])
    assert.deepEqual((await administrator.post('/api/accounts', {})).body.fields, {
      ...{ name: 'is missing', password: 'is missing', role: 'is missing' },
    })
  })

  test('other kinds of content are refused: forms of other sites are of these', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/json',
    ]) {
      const headers = { 'content-type': type }
      const { status, body } = await administrator.ask('POST', '/api/session', undefined, { headers, payload: '{}' })
      assert.deepEqual([status, body.code], [415, 'CONSOLE_INVALID'], type)
    }
  })

  test('bytes that are no UTF-8 are no JSON', async () => {
    const payload = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])
    const head = [
      'content-type: application/json',
      `content-length: ${payload.length}`,
      'origin: http://console.example.com',
    ]
    const { cookie, csrfToken } = {
      cookie: [...administrator.cookies].map((pair) => pair.join('=')).join('; '),
      ...administrator,
    }
    const answer = await speak(
      request('POST /api/session HTTP/1.1', ...head, `cookie: ${cookie}`, `x-csrf-token: ${csrfToken}`),
      payload,
    )
    assert.equal(statusOf(answer), 400, answer)
  })
})

describe('paths', () => {
  const tricks = [
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/../../secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets/%252e%252e/%252e%252e/secret.txt',
    '//secret.txt',
    '///etc/passwd',
    '/.hidden',
    '/assets/%00',
    '/assets/app-abc123.js%00.txt',
    '/%zz',
    '/api/..%2f..%2fsecret.txt',
    `/${'a/'.repeat(2000)}`,
    `/api/jobs/${'x'.repeat(5000)}`,
    '/api/nodes/%2e%2e%2f%2e%2e',
    'http://evil.example/secret.txt',
    '*',
  ]
  for (const path of tricks) {
    test(`${path.slice(0, 50)}: no file outside, no hidden file, no failure`, async () => {
      const answer = await speak(request(`GET ${path} HTTP/1.1`))
      assert.doesNotMatch(answer, /not for you|root:/)
      // Addresses that could be screens give the page.
      assert.ok([200, 400, 401, 404, 414].includes(statusOf(answer)), answer)
      if (statusOf(answer) === 200) assert.match(answer, /csp-nonce/)
    })
  }

  test('what is not there is 404 in the API and among assets, and the page elsewhere', async () => {
    for (const path of ['/api', '/api/', '/api/nothing', '/assets/nothing.js', '/nothing.js']) {
      const { status, body } = await administrator.get(path)
      assert.deepEqual([status, body?.code], [404, 'CONSOLE_NOT_FOUND'], path)
    }
    for (const path of ['/', '/jobs/01JD4T9M6Z', '/nodes/web1.example.com', '/index.html', '/sign-in?to=/x']) {
      const { status, headers } = await administrator.get(path)
      assert.deepEqual([status, headers['content-type']], [200, 'text/html; charset=utf-8'], path)
    }
  })

  test('HEAD is answered like GET, without the page', async () => {
    for (const path of ['/', '/index.html', '/jobs']) {
      const answer = await speak(request(`HEAD ${path} HTTP/1.1`))
      assert.equal(statusOf(answer), 200, path)
      assert.doesNotMatch(answer, /<script/)
    }
  })

  test('methods that no route has change nothing', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'TRACE', 'OPTIONS', 'PROPFIND', 'CONNECT']) {
      const answer = await speak(request(`${method} /api/accounts/root-of-it/x HTTP/1.1`))
      assert.ok(!(statusOf(answer) < 400), `${method}: ${answer}`)
    }
    await stillServes()
  })
})

describe('headers of answers', () => {
  test('the page has a policy without inline code, and another nonce each time', async () => {
    const nonces = new Set<string>()
    for (let i = 0; i < 3; i++) {
      const { headers, text } = await administrator.get('/')
      const policy = String(headers['content-security-policy'])
      const nonce = /style-src 'self' 'nonce-([\w+/=]{20,})'/.exec(policy)?.[1]
      assert.ok(nonce, policy)
      nonces.add(nonce)
      assert.equal(text.split(nonce).length - 1, 2, text)
      assert.doesNotMatch(policy, /unsafe|\*/)
      for (const rule of ["default-src 'self'", "script-src 'self'", "frame-ancestors 'none'", "object-src 'none'"]) {
        assert.ok(policy.includes(rule), rule)
      }
      assert.equal(headers['cache-control'], 'no-store')
    }
    assert.equal(nonces.size, 3)
  })

  test('every answer forbids framing, guessing of types and other sites; the API may load nothing', async () => {
    for (const path of ['/', '/api/session', '/api/nothing', '/assets/app-abc123.js', '/api/accounts']) {
      const { headers } = await administrator.get(path)
      assert.equal(headers['x-content-type-options'], 'nosniff', path)
      assert.equal(headers['x-frame-options'], 'DENY', path)
      assert.equal(headers['referrer-policy'], 'same-origin', path)
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin', path)
      assert.equal(headers['access-control-allow-origin'], undefined, path)
      assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/, path)
      if (path.startsWith('/api/')) {
        assert.match(String(headers['content-security-policy']), /default-src 'none'/, path)
        assert.equal(headers['cache-control'], 'no-store', path)
      }
    }
  })

  test('assets are kept for ever and compressed, answers to nobody are not cached', async () => {
    const { headers } = await administrator.ask('GET', '/assets/app-abc123.js', undefined, {
      headers: { 'accept-encoding': 'gzip' },
    })
    assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
    assert.equal(headers['content-encoding'], 'gzip')
  })

  test('assets that the build has compressed are sent as they are, to whom they suit', async () => {
    const encodingFor = async (accepted: string) => {
      const { status, headers } = await administrator.ask('GET', '/assets/built-abc123.js', undefined, {
        headers: { 'accept-encoding': accepted },
      })
      assert.equal(status, 200)
      assert.match(String(headers.vary), /accept-encoding/)
      assert.match(String(headers['content-type']), /javascript; charset=utf-8$/)
      assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
      return [headers['content-encoding'], Number(headers['content-length'])]
    }
    assert.deepEqual(await encodingFor('gzip, deflate, br, zstd'), ['br', brotliCompressSync(BUILT).length])
    const [plain] = await encodingFor('identity')
    assert.equal(plain, undefined)
  })

  test('cookies: __Host-, for this server alone, unreadable for code', async () => {
    const answer = await troupe.server.app.inject({ method: 'GET', url: '/api/session' })
    assert.match(
      String(answer.headers['set-cookie']),
      /^__Host-troupe-visit=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
  })
})

describe('floods and slowness', () => {
  test('header lines beyond the limit: 431 and hung up', async () => {
    assert.equal(statusOf(await speak(request('GET /api/session HTTP/1.1', `x-flood: ${'x'.repeat(20_000)}`))), 431)
    const many = Array.from({ length: 3000 }, (_, i) => `x-${i}: 1`)
    assert.equal(statusOf(await speak(request('GET /api/session HTTP/1.1', ...many))), 431)
    await stillServes()
  })

  test('a request whose head never ends is given up', async () => {
    const answer = await speak('GET /api/session HTTP/1.1\r\nhost: console.example.com\r\nx-slow: ')
    assert.ok(answer === '' || statusOf(answer) === 408, answer)
  })

  test('a body that never ends is given up', async () => {
    const head = ['content-type: application/json', 'content-length: 1000', 'authorization: Bearer x']
    const answer = await speak(request('POST /api/session HTTP/1.1', ...head), '{"name":')
    assert.ok(answer === '' || statusOf(answer) === 408 || statusOf(answer) === 401, answer)
  })

  test('who is not let in is told so before a body is read', async () => {
    const head = ['content-type: application/json', 'content-length: 500000', 'authorization: Bearer troupe_x']
    assert.equal(statusOf(await speak(request('POST /api/jobs HTTP/1.1', ...head))), 401)
  })

  test('two lengths, a length and chunks, bare line ends: not guessed at', async () => {
    const smuggled = [
      ['content-length: 5', 'content-length: 6'],
      ['content-length: 5', 'transfer-encoding: chunked'],
      ['transfer-encoding: chunked, identity'],
      ['transfer-encoding : chunked'],
    ]
    for (const head of smuggled) {
      assert.equal(statusOf(await speak(request('POST /api/session HTTP/1.1', ...head), '0\r\n\r\n')), 400, head.join())
    }
    assert.equal(statusOf(await speak('GET /api/session HTTP/1.1\nhost: x\n\n')), 400)
    assert.equal(statusOf(await speak('\u0016\u0003\u0001\u0002\u0000\u0001')), 400)
    await stillServes()
  })

  test('connections beyond the limit are closed at once, and room is made by those that leave', async () => {
    const held = Array.from({ length: 20 }, () => connect(port, '127.0.0.1').on('error', () => {}))
    await Promise.all(held.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
    assert.equal(await speak(request('GET /api/session HTTP/1.1')), '')
    const gone = held.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    for (const socket of held) socket.destroy()
    await Promise.all(gone)
    for (let attempt = 0; attempt < 50; attempt++) {
      if (statusOf(await speak(request('GET /api/session HTTP/1.1'))) === 200) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    assert.fail('the console does not serve any more')
  })
})

test('requests beyond the rate of an address, of an account and of guessing are told to wait', async () => {
  const strict = await startConsole({ limits: { addressRequestsMax: 40, accountRequestsMax: 10, attemptsMax: 3 } })
  try {
    const asker = await strict.signedIn('alice', 'viewer')
    const statuses: number[] = []
    for (let i = 0; i < 12; i++) statuses.push((await asker.get('/api/settings')).status)
    assert.deepEqual([...new Set(statuses)], [200, 429])
    const other = await strict.browser()
    const guesses: Awaited<ReturnType<Asker['post']>>[] = []
    for (let i = 0; i < 5; i++) guesses.push(await other.post('/api/session', { name: `nobody${i}`, password: 'x' }))
    assert.deepEqual(
      guesses.map((one) => one.status),
      [401, 401, 429, 429, 429],
    )
    assert.ok(Number(guesses.at(-1)!.headers['retry-after']) > 0)
    assert.equal(guesses.at(-1)!.body.code, 'CONSOLE_TOO_MANY')
    let last = 200
    for (let i = 0; i < 40; i++) last = (await other.get('/api/session')).status
    assert.equal(last, 429)
  } finally {
    await strict.stop()
  }
})

test('a failure inside is told in general words, and in the log in full', async () => {
  const lines: string[] = []
  const note = (message: string): void => void lines.push(message)
  const broken = await startConsole({ log: { debug() {}, info() {}, warn: note, error: note, fatal: note } })
  try {
    const asker = await broken.signedIn('alice', 'administrator')
    await broken.store.close()
    const { status, body, text } = await asker.get('/api/accounts')
    assert.ok(
      (status === 503 && body.code === 'CONSOLE_STORE') || (status === 500 && body.code === 'CONSOLE_FAILED'),
      text,
    )
    assert.doesNotMatch(text, /node_modules|\.ts|\n/)
    assert.ok(lines.some((line) => line.includes('GET /api/accounts failed')))
  } finally {
    await broken.stop().catch(() => {})
  }
})
