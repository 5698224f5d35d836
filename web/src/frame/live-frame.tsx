// Live Management: title and three tabs, the node list at the left, the page at the right. [live 1]

import { Drawer } from '@mantine/core'
import { useDisclosure, useMediaQuery } from '@mantine/hooks'
import { Link, Outlet, useLocation, useSearch } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { useSession } from '../api/session.ts'
import { Empty } from '../components/state.tsx'
import { readLiveSearch } from '../nodes/live-search.ts'
import { NodeList } from '../nodes/node-list.tsx'
import { NodeSelectionProvider, useNodeList } from '../nodes/node-selection.tsx'
import { SelectionCount } from '../nodes/selection-count.tsx'
import frame from './frame.module.css'
import { rememberLiveSearch } from './last-live-search.ts'
import { LiveBandProvider } from './live-band.tsx'
import styles from './live-frame.module.css'
import { LIVE_TABS, NARROW } from './sections.ts'

export function LiveFrame() {
  const { liveManagement } = useSession()
  const words = useSearch({ strict: false }) as Record<string, unknown>
  useEffect(() => rememberLiveSearch(readLiveSearch(words)), [words])
  if (!liveManagement) {
    return (
      <main id="main" tabIndex={-1} className={frame.main}>
        <Empty title="Live Management is switched off">An administrator can switch it on under Admin, Settings.</Empty>
      </main>
    )
  }
  return (
    <NodeSelectionProvider>
      <LiveBandProvider>{(band) => <LiveLayout band={band} />}</LiveBandProvider>
    </NodeSelectionProvider>
  )
}

function LiveLayout({ band }: { band: ReactNode }) {
  const { pathname } = useLocation()
  const narrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false })
  const [opened, { open, close }] = useDisclosure(false)
  return (
    <>
      <section className={styles.tabs} aria-label="Live Management">
        <span className={styles.title}>Live Management</span>
        <nav aria-label="Tabs of Live Management" className={styles.tabList}>
          {LIVE_TABS.map((tab) => (
            <Link
              key={tab.to}
              to={tab.to}
              className={styles.tab}
              data-current={tab.owns(pathname) || undefined}
              {...(tab.owns(pathname) ? { 'aria-current': 'page' as const } : {})}
            >
              {tab.label}
            </Link>
          ))}
        </nav>
        {narrow ? <OpenNodes onOpen={open} /> : null}
      </section>
      {band}
      <div className={styles.panes}>
        {narrow ? (
          <Drawer
            opened={opened}
            onClose={close}
            title="Nodes"
            size="22rem"
            padding="md"
            classNames={{ body: styles.drawer ?? '' }}
          >
            <NodeList />
          </Drawer>
        ) : (
          <aside className={styles.sidebar} aria-label="Nodes">
            <NodeList />
          </aside>
        )}
        <main id="main" tabIndex={-1} className={frame.main} data-scroll-restoration-id="main">
          <Outlet />
        </main>
      </div>
    </>
  )
}

function OpenNodes({ onOpen }: { onOpen: () => void }) {
  const { selected, total } = useNodeList()
  return (
    <button type="button" className={styles.openNodes} onClick={onOpen}>
      <SelectionCount selected={selected.length} total={total} />
    </button>
  )
}
