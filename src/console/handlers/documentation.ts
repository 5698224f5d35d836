// The description of the API, made from the table of routes when somebody first asks for it.

import Type from 'typebox'
import { openApiOf } from '../open-api.ts'
import { type Route, route } from '../route.ts'

export interface DocumentationRoutesParts {
  readonly version: string
  readonly routes: () => readonly Route[]
}

export function documentationRoutes({ version, routes }: DocumentationRoutesParts): readonly Route[] {
  let made: Promise<Record<string, unknown>> | undefined
  const document = route({
    ...{ method: 'GET', path: '/api/openapi.json', role: 'viewer', tag: 'documentation' },
    summary: 'This API as an OpenAPI 3.1 document',
    answer: Type.Record(Type.String(), Type.Unknown()),
    async handle() {
      made ??= openApiOf([...routes(), document], version)
      return made
    },
  })
  return [document]
}
