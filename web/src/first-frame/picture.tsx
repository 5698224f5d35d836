// The frame of Live Management with the node list, as markup: drawn while the pages are built (first-frame-picture.ts), by the components that draw it in
// the browser, so that the two cannot differ. What it says is nobody's: first-frame.ts puts in what the console answers.

import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router'
import { prerender } from 'react-dom/static.edge'
import type { NodeList, NodeRow } from '#console/api/nodes.ts'
import type { Session } from '#console/api/session.ts'
import { nodesQuery, sessionQuery } from '../api/queries.ts'
import { Frame } from '../frame/frame.tsx'
import { LiveFrame } from '../frame/live-frame.tsx'
import { LIVE_TABS } from '../frame/sections.ts'
import { resolveVariables, theme } from '../theme/theme.ts'
import { PICTURE_STATES, rowName } from './picture-rows.ts'

const SESSION: Session = {
  account: { name: 'a', displayName: 'A', role: 'administrator', source: 'local' },
  csrfToken: '',
  needsSetup: false,
  mustChoosePassword: false,
  liveManagement: true,
  version: '',
  collective: 'c',
}
/** A row of every kind, and the band that says what is wrong. */
const LIST: NodeList = {
  nodes: PICTURE_STATES.flatMap((state): NodeRow[] =>
    [false, true].map((neverRan) => ({ name: rowName(state, neverRan), state, neverRan })),
  ),
  asOfMs: 0,
  source: 'roster',
  problem: 'p',
}

export async function picture(): Promise<string> {
  const client = new QueryClient()
  client.setQueryData(sessionQuery.queryKey, SESSION)
  client.setQueryData(nodesQuery.queryKey, LIST)
  const root = createRootRoute({ component: Outlet })
  const frame = createRoute({ getParentRoute: () => root, id: 'frame', component: Frame })
  const live = createRoute({ getParentRoute: () => frame, id: 'live', component: LiveFrame })
  const page = createRoute({ getParentRoute: () => live, path: LIVE_TABS[0].to, component: () => null })
  const router = createRouter({
    routeTree: root.addChildren([frame.addChildren([live.addChildren([page])])]),
    history: createMemoryHistory({ initialEntries: [LIVE_TABS[0].to] }),
  })
  await router.load()
  let failed: unknown
  const { prelude } = await prerender(
    <MantineProvider theme={theme} cssVariablesResolver={resolveVariables}>
      <QueryClientProvider client={client}>
        {/* The addresses of the program are others (router.tsx). */}
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
    {
      onError(error) {
        failed = error
      },
    },
  )
  const markup = await new Response(prelude).text()
  // Else there would be a hole where it happened.
  if (failed !== undefined) throw failed
  return markup
}
