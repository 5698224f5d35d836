// The OpenAPI document of a table of routes: what @fastify/swagger makes of the same schemas that validate requests. docs/reference/api.md is
// made from it as well (api-page.ts).

import swagger from '@fastify/swagger'
import fastify from 'fastify'
import { ErrorBody } from './api/words.ts'
import type { Route } from './route.ts'

export async function openApiOf(routes: readonly Route[], version: string): Promise<Record<string, unknown>> {
  const app = fastify({ exposeHeadRoutes: false })
  // Nothing is ever asked of this one.
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => () => '')
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Troupe console', version, description: 'Live orchestration for fleets run by Puppet.' },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An API token: `troupe_...`' },
          session: { type: 'apiKey', in: 'cookie', name: '__Host-troupe', description: 'A browser that signed in' },
        },
      },
    },
  })
  await app.register(async (api) => {
    for (const line of routes) {
      api.route({
        method: line.method,
        url: line.path,
        schema: schemaOf(line) as object,
        handler: async () => '',
      })
    }
  })
  try {
    await app.ready()
    return plain(app.swagger()) as Record<string, unknown>
  } finally {
    await app.close()
  }
}

function schemaOf(line: Route): Record<string, unknown> {
  return {
    summary: line.summary,
    description: line.role === 'anonymous' ? 'For everybody.' : `Takes the role ${line.role}.`,
    tags: [line.tag],
    security: line.role === 'anonymous' ? [] : [{ token: [] }, { session: [] }],
    ...(line.params ? { params: plain(line.params) } : {}),
    ...(line.query ? { querystring: plain(line.query) } : {}),
    ...(line.body ? { body: plain(line.body) } : {}),
    response: {
      [line.status ?? 200]: {
        description: 'What was asked for',
        content: { 'application/json': { schema: plain(line.answer) } },
      },
      default: { description: 'What went wrong', content: { 'application/json': { schema: plain(ErrorBody) } } },
    },
  }
}

/** Schemas carry marks for types that are no part of JSON. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}
