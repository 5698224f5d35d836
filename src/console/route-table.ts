// The table of routes without a console behind it: for its documentation. Handlers of such a table must not be called.

import { createPasswords } from './auth/passwords.ts'
import type { Route } from './route.ts'
import { allRoutes, type RouteParts } from './routes.ts'

/** As a console with an OpenID provider has it. */
export function routeTable(version: string): readonly Route[] {
  const parts = { version, provider: { name: '' }, passwords: createPasswords() } as unknown as RouteParts
  return allRoutes(parts)
}
