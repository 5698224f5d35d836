// The administration: its pages in a column at the left. Tokens are everybody's own; the rest is for administrators.

import { Outlet } from '@tanstack/react-router'
import { useMay } from '../api/session.ts'
import { type ColumnLink, Columns } from '../components/columns.tsx'
import frame from './frame.module.css'

const ACCOUNTS: ColumnLink = { label: 'Accounts', link: { to: '/admin/accounts' } }
const TOKENS: ColumnLink = { label: 'API tokens', link: { to: '/admin/tokens' } }
const AUDIT: ColumnLink = { label: 'Audit', link: { to: '/admin/audit' } }
const SETTINGS: ColumnLink = { label: 'Settings', link: { to: '/admin/settings' } }

export function AdminFrame() {
  const links = useMay('administrator') ? [ACCOUNTS, TOKENS, AUDIT, SETTINGS] : [TOKENS]
  return (
    <main id="main" tabIndex={-1} className={frame.main} data-scroll-restoration-id="main">
      <Columns label="Administration" links={links}>
        <Outlet />
      </Columns>
    </main>
  )
}
