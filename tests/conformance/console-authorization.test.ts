// Who may do what, generated from the table of routes: a route that is added is tested from then on. No handler is reached by anybody who may
// not reach it: handlers are replaced by one that only says that it was. [M-080, live 10]

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import type { Role } from '../../src/console/api/words.ts'
import { createAuthenticator } from '../../src/console/auth/authenticate.ts'
import { atLeast, ROLES } from '../../src/console/roles.ts'
import type { Route } from '../../src/console/route.ts'
import { createConsoleServer, usesLiveManagement } from '../../src/console/server.ts'
import { type Asker, startConsole, type TestConsole, UNLIMITED } from './console.ts'

/** A path with something in its holes that fits every schema. */
const pathOf = (line: Route): string => line.path.replace(/:(\w+)/g, 'abcdefgh')
const nameOf = (line: Route): string => `${line.method} ${line.path}`

let troupe: TestConsole
/** The same table and sign-in, with handlers that only count. */
let guarded: TestConsole
let reached: string[] = []
let isOn = true

before(async () => {
  troupe = await startConsole()
  const routes = troupe.routes.map(
    (line): Route => ({
      ...line,
      ...(line.path.startsWith('/api/session') && line.role === 'anonymous' ? {} : { handle: mark(line) }),
    }),
  )
  const times = { idleMs: 30 * 60_000, longestMs: 12 * 3_600_000 }
  const server = await createConsoleServer({
    routes,
    authenticator: createAuthenticator({ store: troupe.store, clock: troupe.clock, times }),
    log: silentLog,
    liveManagement: () => isOn,
    trustedProxies: [],
    origins: [],
    limits: UNLIMITED,
  })
  guarded = { ...troupe, server }
})
after(async () => {
  await guarded.server.close()
  await troupe.stop()
})

function mark(line: Route): Route['handle'] {
  return async () => {
    reached.push(nameOf(line))
    return {}
  }
}

/** The request as this one sends it, to the guarded table. Bodies are empty: whoever may not, must be told so before. */
async function knock(asker: Asker, line: Route, headers: Record<string, string | undefined> = {}) {
  reached = []
  const sent: Record<string, string> = {
    host: 'console.example.com',
    origin: 'https://console.example.com',
    'sec-fetch-site': 'same-origin',
  }
  if (asker.cookies.size > 0) sent.cookie = [...asker.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  if (line.method !== 'GET') sent['x-csrf-token'] = asker.csrfToken
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) delete sent[name]
    else sent[name] = value
  }
  const answer = await guarded.server.app.inject({ method: line.method, url: pathOf(line), headers: sent })
  return { status: answer.statusCode, code: codeOf(answer.body), reached: reached.length > 0 }
}

function codeOf(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { code?: string }).code
  } catch {
    return undefined
  }
}

const refusals = { 401: 'CONSOLE_NOT_SIGNED_IN', 403: 'CONSOLE_NOT_ALLOWED' } as const
const isOpen = (line: Route): boolean => line.role === 'anonymous'
const closedRoutes = (): Route[] => troupe.routes.filter((line) => !isOpen(line))

async function everywhere(routes: readonly Route[], check: (line: Route) => Promise<void>): Promise<void> {
  assert.ok(routes.length > 0)
  for (const line of routes) await check(line)
}

describe('authorization of every route', () => {
  test('the table: open to everybody is signing in alone', () => {
    const open = troupe.routes.filter(isOpen).map(nameOf)
    assert.ok(
      open.every((name) => name.includes(' /api/session')),
      open.join(', '),
    )
    assert.ok(troupe.routes.every((line) => line.path.startsWith('/api/')))
    const names = troupe.routes.map(nameOf)
    assert.equal(new Set(names).size, names.length, 'no two lines for one address')
  })

  test('the table: whatever changes something beyond oneself takes more than a viewer', () => {
    // A viewer may look, which some routes do by POST; and has tokens, groups and a password of their own.
    const own = /^\/api\/(session|tokens|groups|events)/
    const looks = new Set(LOOKING)
    const loose = troupe.routes
      .filter((line) => line.method !== 'GET' && !isOpen(line) && !atLeast(line.role as Role, 'operator'))
      .map((line) => line.path)
      .filter((path) => !own.test(path) && !looks.has(path))
    assert.deepEqual(
      loose,
      [],
      'a route that viewers may ask by POST, PUT, PATCH or DELETE: give it a role, or add it to LOOKING',
    )
  })

  test('nobody: 401, and nothing is reached', async () => {
    const nobody = await troupe.browser()
    await everywhere(closedRoutes(), async (line) => {
      const { status, code, reached } = await knock(nobody, line)
      assert.deepEqual({ status, code, reached }, { status: 401, code: refusals[401], reached: false }, nameOf(line))
    })
  })

  for (const role of ROLES) {
    test(`${role}: what takes more is refused with 403, the rest is reached`, async () => {
      const asker = await troupe.signedIn(`the-${role}`, role)
      await everywhere(closedRoutes(), async (line) => {
        const answer = await knock(asker, line)
        if (atLeast(role, line.role as Role)) {
          assert.notEqual(answer.status, 401, nameOf(line))
          assert.notEqual(answer.status, 403, nameOf(line))
        } else {
          assert.deepEqual(answer, { status: 403, code: refusals[403], reached: false }, nameOf(line))
        }
      })
    })

    test(`a token with the role ${role} of an administrator may what ${role}s may`, async () => {
      const asker = await troupe.script('the-administrator', 'administrator', role)
      const authorization = asker.headers().authorization!
      await everywhere(closedRoutes(), async (line) => {
        const plain = { authorization, origin: undefined, 'sec-fetch-site': undefined, 'x-csrf-token': undefined }
        const answer = await knock(asker, line, plain)
        if (atLeast(role, line.role as Role)) assert.ok(answer.status !== 401 && answer.status !== 403, nameOf(line))
        else assert.deepEqual(answer, { status: 403, code: refusals[403], reached: false }, nameOf(line))
      })
    })
  }

  test('a token never may more than its account does now', async () => {
    const asker = await troupe.script('shrinking', 'administrator')
    await troupe.store.accounts.update('shrinking', { role: 'viewer' })
    const authorization = asker.headers().authorization!
    await everywhere(
      closedRoutes().filter((line) => line.role !== 'viewer'),
      async (line) => {
        const answer = await knock(asker, line, { authorization })
        assert.deepEqual(answer, { status: 403, code: refusals[403], reached: false }, nameOf(line))
      },
    )
    await troupe.store.accounts.update('shrinking', { disabled: true })
    await everywhere(closedRoutes(), async (line) => {
      const answer = await knock(asker, line, { authorization })
      assert.deepEqual(answer, { status: 401, code: refusals[401], reached: false }, nameOf(line))
    })
  })

  test('a disabled account is nobody at once, with the session it has', async () => {
    const asker = await troupe.signedIn('leaver', 'administrator')
    await troupe.store.accounts.update('leaver', { disabled: true })
    await everywhere(closedRoutes(), async (line) => {
      const answer = await knock(asker, line)
      assert.deepEqual(answer, { status: 401, code: refusals[401], reached: false }, nameOf(line))
    })
  })

  test('a session ends when nobody uses it, and however it is used', async () => {
    const idle = await troupe.signedIn('idler', 'administrator')
    const busy = await troupe.signedIn('busy', 'administrator')
    const [line] = closedRoutes()
    for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
      troupe.clock.move(20 * 60_000)
      assert.notEqual((await knock(busy, line!)).status, 401, `after ${minutes} minutes`)
    }
    await everywhere(closedRoutes(), async (route) => {
      assert.deepEqual(await knock(idle, route), { status: 401, code: refusals[401], reached: false }, nameOf(route))
    })
    troupe.clock.move(21 * 60_000)
    await everywhere(closedRoutes(), async (route) => {
      assert.deepEqual(await knock(busy, route), { status: 401, code: refusals[401], reached: false }, nameOf(route))
    })
  })

  test('signing out ends the session, its cookie is worth nothing afterwards', async () => {
    const asker = await troupe.signedIn('leaving', 'administrator')
    const cookies = new Map(asker.cookies)
    assert.equal((await asker.delete('/api/session')).status, 200)
    assert.equal(asker.cookies.has('__Host-troupe'), false)
    for (const [name, value] of cookies) asker.cookies.set(name, value)
    await everywhere(closedRoutes(), async (line) => {
      assert.equal((await knock(asker, line)).status, 401, nameOf(line))
    })
  })
})

describe('requests that come from elsewhere', () => {
  const foreign: [what: string, headers: Record<string, string | undefined>][] = [
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another host of the same site', { origin: 'https://other.example.com', 'sec-fetch-site': 'same-site' }],
    ['another site, by an old browser', { origin: 'https://evil.example', 'sec-fetch-site': undefined }],
    ['a page without origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['a page without origin, by an old browser', { origin: 'null', 'sec-fetch-site': undefined }],
    ['the same name on another port', { origin: 'https://console.example.com:8443', 'sec-fetch-site': undefined }],
    ['nowhere', { origin: undefined, 'sec-fetch-site': undefined }],
    ['a link somebody was sent', { origin: undefined, 'sec-fetch-site': 'cross-site' }],
  ]
  for (const [what, headers] of foreign) {
    test(`${what}: nothing is changed in the name of an administrator`, async () => {
      const asker = await troupe.signedIn('the-administrator', 'administrator')
      await everywhere(
        troupe.routes.filter((line) => line.method !== 'GET'),
        async (line) => {
          const answer = await knock(asker, line, headers)
          assert.deepEqual(answer, { status: 403, code: 'CONSOLE_BAD_CSRF', reached: false }, nameOf(line))
        },
      )
    })
  }

  test('another site cannot even ask by GET; only the way back from a provider may be taken from there', async () => {
    const asker = await troupe.signedIn('the-administrator', 'administrator')
    await everywhere(
      troupe.routes.filter((line) => line.method === 'GET' && !line.fromElsewhere),
      async (line) => {
        const answer = await knock(asker, line, { origin: undefined, 'sec-fetch-site': 'cross-site' })
        assert.deepEqual(answer, { status: 403, code: 'CONSOLE_BAD_CSRF', reached: false }, nameOf(line))
      },
    )
    assert.ok(
      troupe.routes.filter((line) => line.fromElsewhere).every((line) => line.path === '/api/session/oidc/callback'),
    )
  })

  const tokens: [what: string, token: (asker: Asker, other: Asker) => string | undefined][] = [
    ['no CSRF token', () => undefined],
    ['an empty one', () => ''],
    ['a wrong one', (asker) => `${asker.csrfToken.slice(0, -1)}${asker.csrfToken.endsWith('A') ? 'B' : 'A'}`],
    ['that of somebody else', (_, other) => other.csrfToken],
  ]
  for (const [what, token] of tokens) {
    test(`with ${what}: nothing is changed, signed in or not`, async () => {
      const [asker, other] = [
        await troupe.signedIn('the-operator', 'operator'),
        await troupe.signedIn('the-viewer', 'viewer'),
      ]
      const nobody = await troupe.browser()
      for (const one of [asker, nobody]) {
        const may = (line: Route) => isOpen(line) || (one === asker && atLeast('operator', line.role as Role))
        await everywhere(
          troupe.routes.filter((line) => line.method !== 'GET' && may(line)),
          async (line) => {
            const answer = await knock(one, line, { 'x-csrf-token': token(one, other) })
            assert.deepEqual(answer, { status: 403, code: 'CONSOLE_BAD_CSRF', reached: false }, nameOf(line))
          },
        )
      }
    })
  }

  test('a cookie and a bad API token together are refused: one does not stand in for the other', async () => {
    const asker = await troupe.signedIn('the-administrator', 'administrator')
    for (const authorization of [
      'Bearer troupe_wrong',
      'Bearer ',
      'Basic YTpi',
      'troupe_x',
      `Bearer troupe_${'x'.repeat(5000)}`,
    ]) {
      const answer = await knock(asker, closedRoutes()[0]!, { authorization })
      assert.deepEqual(answer, { status: 401, code: refusals[401], reached: false }, authorization.slice(0, 20))
    }
  })
})

test('Live Management switched off: its routes are refused to everybody, the console itself goes on [M-081]', async () => {
  const asker = await troupe.signedIn('the-administrator', 'administrator')
  isOn = false
  try {
    await everywhere(closedRoutes(), async (line) => {
      const answer = await knock(asker, line)
      if (usesLiveManagement(line)) {
        assert.deepEqual(answer, { status: 403, code: 'CONSOLE_OFF', reached: false }, nameOf(line))
      } else assert.notEqual(answer.code, 'CONSOLE_OFF', nameOf(line))
    })
    const kept = new Set(
      closedRoutes()
        .filter((line) => !usesLiveManagement(line))
        .map((line) => line.tag),
    )
    assert.deepEqual([...kept].sort(), [
      'accounts',
      'audit',
      'documentation',
      'events',
      'session',
      'settings',
      'tokens',
    ])
  } finally {
    isOn = true
  }
})

/** What viewers may ask by POST because it only looks. */
const LOOKING = [
  '/api/nodes/match',
  '/api/nodes/check',
  '/api/nodes/refresh',
  // Its handler refuses actions that act to viewers: tests of jobs.
  '/api/jobs',
  '/api/jobs/:id/stop',
  '/api/jobs/:id/again',
  '/api/overview/ping',
  '/api/puppet/refresh',
  '/api/resources/inspect',
  '/api/resources/summary',
  '/api/resources/:type/list',
  '/api/resources/:type/search',
  '/api/resources/:type/find',
  '/api/resources/:type/variants',
  '/api/resources/:type/nodes',
  '/api/resources/:type/compare',
]
