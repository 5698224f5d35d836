// API tokens: what scripts send instead of signing in. Shown once, kept as a hash, never more than their account may.

import Type from 'typebox'
import type { Clock } from '#base/clock.ts'
import { TroupeError } from '#base/errors.ts'
import { CONSOLE_TOKENS_MAX } from '#base/limits.ts'
import type { TokenRecord } from '#store/account-records.ts'
import type { Store } from '#store/store.ts'
import { type ApiToken, ApiTokens, MadeApiToken, NewApiToken } from '../api/session.ts'
import { Empty, Id } from '../api/words.ts'
import { TOKEN_PREFIX } from '../auth/authenticate.ts'
import { hashOf, newSecret } from '../auth/secrets.ts'
import type { ConsoleParts } from '../parts.ts'
import { atLeast } from '../roles.ts'
import { type Route, route } from '../route.ts'

export interface TokenRoutesParts {
  readonly store: Pick<Store, 'tokens' | 'newId'>
  readonly events: Pick<ConsoleParts['events'], 'recheck'>
  readonly audit: ConsoleParts['audit']
  readonly clock: Clock
}

const DAY_MS = 86_400_000

export function tokenRoutes({ store, events, audit, clock }: TokenRoutesParts): readonly Route[] {
  const tag = 'tokens'
  return [
    route({
      ...{ method: 'GET', path: '/api/tokens', role: 'viewer', tag },
      summary: 'The own API tokens; for administrators everybody’s',
      answer: ApiTokens,
      async handle({ caller }) {
        const tokens = await store.tokens.list(caller.role === 'administrator' ? undefined : caller.account)
        return { tokens: tokens.map(shown) }
      },
    }),
    route({
      ...{ method: 'POST', path: '/api/tokens', role: 'viewer', tag },
      summary: 'Make an API token; its secret is in this answer and nowhere else',
      body: NewApiToken,
      answer: MadeApiToken,
      async handle({ caller, body }) {
        if (caller.by === 'token') {
          throw new TroupeError('CONSOLE_NOT_ALLOWED', 'cannot make an API token with an API token: sign in')
        }
        if (!atLeast(caller.role, body.role)) {
          const message = `cannot make a token with the role ${body.role}: ${caller.account} has the role ${caller.role}`
          throw new TroupeError('CONSOLE_NOT_ALLOWED', message)
        }
        if ((await store.tokens.list(caller.account)).length >= CONSOLE_TOKENS_MAX) {
          throw new TroupeError(
            'CONSOLE_CONFLICT',
            `cannot make another token: ${caller.account} has ${CONSOLE_TOKENS_MAX}`,
          )
        }
        const secret = newSecret(TOKEN_PREFIX)
        const nowMs = clock.now()
        const token: TokenRecord = {
          ...{ id: store.newId(), hash: hashOf(secret), label: body.label, account: caller.account },
          ...{ role: body.role, createdAtMs: nowMs },
          ...(body.expiresInDays === undefined ? {} : { expiresAtMs: nowMs + body.expiresInDays * DAY_MS }),
        }
        await store.tokens.insert(token)
        await audit(caller, 'token-made', { id: token.id, label: token.label, role: token.role })
        return { token: shown(token), secret }
      },
    }),
    route({
      ...{ method: 'DELETE', path: '/api/tokens/:id', role: 'viewer', tag },
      summary: 'End an API token',
      params: Type.Object({ id: Id }),
      answer: Empty,
      async handle({ caller, params }) {
        const token = await store.tokens.get(params.id)
        if (!token || (token.account !== caller.account && caller.role !== 'administrator')) {
          throw new TroupeError('CONSOLE_NOT_FOUND', `cannot find a token ${params.id} of yours`)
        }
        await store.tokens.remove(token.id)
        events.recheck(token.account)
        await audit(caller, 'token-removed', { id: token.id, label: token.label, account: token.account })
        return {}
      },
    }),
  ]
}

function shown({ hash: _hash, ...token }: TokenRecord): ApiToken {
  return token
}
