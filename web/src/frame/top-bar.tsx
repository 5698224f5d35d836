// The dark bar on top: name, sections, light or dark, account. On narrow screens the sections are in a menu.

import { ActionIcon, Menu, Tooltip, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Link, useLocation, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { call } from '../api/client.ts'
import { useMay, useSession } from '../api/session.ts'
import {
  IconChevronDown,
  IconDeviceDesktop,
  IconKey,
  IconLogout,
  IconMenu2,
  IconMoon,
  IconPassword,
  IconSun,
} from '../components/icons.ts'
import { PaletteLauncher } from '../palette/launcher.tsx'
import { lastLiveSearch } from './last-live-search.ts'
import { Logo } from './logo.tsx'
import { type Section, sectionsFor } from './sections.ts'
import styles from './top-bar.module.css'

const PasswordDialog = lazy(() =>
  import('./password-dialog.tsx').then((module) => ({ default: module.PasswordDialog })),
)

export function TopBar() {
  const { pathname } = useLocation()
  const administrator = useMay('administrator')
  const sections = sectionsFor(administrator)
  return (
    <header className={styles.bar}>
      <Link to="/" className={styles.brand} aria-label="Troupe, to the overview">
        <Logo />
        <span className={styles.name}>Troupe</span>
      </Link>
      <nav aria-label="Sections" className={styles.sections}>
        {sections.map((section) => (
          <SectionLink key={section.label} section={section} current={section.owns(pathname)} />
        ))}
      </nav>
      <SectionMenu sections={sections} pathname={pathname} />
      <div className={styles.right}>
        <PaletteLauncher />
        <Collective />
        <SchemeButton />
        <AccountMenu />
      </div>
    </header>
  )
}

function SectionLink({ section, current }: { section: Section; current: boolean }) {
  return (
    <Link
      to={section.to}
      search={searchFor(section)}
      className={styles.section}
      data-current={current || undefined}
      {...(current ? { 'aria-current': 'page' as const } : {})}
    >
      {section.label}
    </Link>
  )
}

/** Back to the filter and selection one had, when coming from another section. */
function searchFor(section: Section): never {
  return (section.label === 'Live Management' ? () => lastLiveSearch() : {}) as never
}

function SectionMenu({ sections, pathname }: { sections: readonly Section[]; pathname: string }) {
  const current = sections.find((section) => section.owns(pathname))
  return (
    <Menu position="bottom-start" width={220}>
      <Menu.Target>
        <UnstyledButton className={styles.sectionMenu}>
          <IconMenu2 size={18} aria-hidden="true" />
          {current?.label ?? 'Sections'}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {sections.map((section) => (
          <Menu.Item
            key={section.label}
            renderRoot={(props) => <Link {...props} to={section.to} search={searchFor(section)} />}
          >
            {section.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function Collective() {
  const { collective } = useSession()
  return (
    <Tooltip label="The collective this console speaks to">
      <span className={styles.collective}>{collective}</span>
    </Tooltip>
  )
}

function SchemeButton() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const computed = useComputedColorScheme('light')
  const Icon = computed === 'dark' ? IconMoon : IconSun
  return (
    <Menu position="bottom-end" width={180}>
      <Menu.Target>
        <ActionIcon variant="transparent" className={styles.icon} size="lg" aria-label="Light or dark">
          <Icon size={18} aria-hidden="true" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {(
          [
            ['light', 'Light', IconSun],
            ['dark', 'Dark', IconMoon],
            ['auto', 'As the system', IconDeviceDesktop],
          ] as const
        ).map(([value, label, ItemIcon]) => (
          <Menu.Item
            key={value}
            leftSection={<ItemIcon size={16} aria-hidden="true" />}
            onClick={() => setColorScheme(value)}
            aria-current={colorScheme === value}
            fw={colorScheme === value ? 600 : 400}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function AccountMenu() {
  const { account, version } = useSession()
  const [changing, setChanging] = useState(false)
  const signOut = useSignOut()
  if (account === undefined) return null
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <UnstyledButton className={styles.account} aria-label={`Account ${account.name}`}>
            <span className={styles.initial} aria-hidden="true">
              {[...(account.displayName || account.name)][0]?.toUpperCase()}
            </span>
            <span className={styles.accountName}>{account.displayName || account.name}</span>
            <IconChevronDown size={14} aria-hidden="true" />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {account.name}, {account.role}
          </Menu.Label>
          {account.source === 'local' ? (
            <Menu.Item leftSection={<IconPassword size={16} aria-hidden="true" />} onClick={() => setChanging(true)}>
              Change password
            </Menu.Item>
          ) : null}
          <Menu.Item
            leftSection={<IconKey size={16} aria-hidden="true" />}
            renderRoot={(props) => <Link {...props} to="/admin/tokens" />}
          >
            API tokens
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconLogout size={16} aria-hidden="true" />} onClick={signOut}>
            Sign out
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>Troupe {version}</Menu.Label>
        </Menu.Dropdown>
      </Menu>
      {changing ? (
        <Suspense>
          <PasswordDialog opened onClose={() => setChanging(false)} />
        </Suspense>
      ) : null}
    </>
  )
}

/** Leaves nothing of the account behind in this page. */
function useSignOut(): () => void {
  const cache = useQueryClient()
  const navigate = useNavigate()
  return () => {
    void call('DELETE /api/session')
      .catch(() => undefined)
      .then(async () => {
        sessionStorage.clear()
        await navigate({ to: '/sign-in' })
        cache.clear()
      })
  }
}
