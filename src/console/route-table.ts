// The table of routes without a console behind it: for its documentation. Handlers of such a table must not be called.

import type { Route } from './route.ts'
import { allRoutes, type RouteParts } from './routes.ts'

/** As a console with an OpenID provider has it. */
export function routeTable(version: string): readonly Route[] {
  return allRoutes(new Proxy({ version } as RouteParts, { get: (own, key) => Reflect.get(own, key) ?? nothing }))
}

/** Stands for every part there is: routes only take hold of theirs while the table is made. */
const nothing: object = new Proxy(() => {}, {
  get: (_, key) => (typeof key === 'symbol' ? undefined : nothing),
  apply: () => nothing,
})
