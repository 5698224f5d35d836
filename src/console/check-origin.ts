// Whether a request comes from a page of the console itself, by what browsers say about it: another site's pages can neither change nor
// leave out these headers. The CSRF token is checked besides, in server.ts.

import { TroupeError } from '#base/errors.ts'
import type { Route } from './route.ts'

export interface AskedFrom {
  readonly headers: { readonly [name: string]: string | string[] | undefined }
  /** The Host of the request, as the nearest trusted proxy got it, e.g. `console.example.com:4433`. */
  readonly host: string
}

/** `origins`: where browsers know the console, e.g. `https://console.example.com`. Throws CONSOLE_BAD_CSRF. */
export function checkOrigin(
  line: Pick<Route, 'method' | 'fromElsewhere'>,
  { headers, host }: AskedFrom,
  origins: readonly string[],
): void {
  const { origin, 'sec-fetch-site': site } = headers
  if (line.fromElsewhere) return
  // Scripts have a token that no browser sends by itself.
  if (headers.authorization !== undefined) return
  if (line.method === 'GET' && origin === undefined && (site === undefined || site === 'none')) return
  if (site === 'same-origin') return
  if (typeof origin === 'string' && (origins.includes(origin) || (site === undefined && hostOf(origin) === host)))
    return
  const from = typeof origin === 'string' ? origin.slice(0, 200) : 'somewhere unknown'
  throw new TroupeError(
    'CONSOLE_BAD_CSRF',
    `cannot do this: the request comes from ${from} and not from a page of the console; scripts use an API token`,
  )
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
