// The sections of the console in the order of the top bar, and which addresses belong to each.

export interface Section {
  readonly label: string
  readonly to: '/' | '/resources' | '/jobs' | '/reports' | '/admin/accounts' | '/admin/tokens'
  readonly owns: (path: string) => boolean
}

export const LIVE_TABS = [
  { label: 'Manage Resources', to: '/resources', owns: (path: string) => /^\/(resources|compare)(\/|$)/.test(path) },
  { label: 'Control Puppet', to: '/puppet', owns: (path: string) => /^\/puppet(\/|$)/.test(path) },
  { label: 'Advanced Tasks', to: '/tasks', owns: (path: string) => /^\/tasks(\/|$)/.test(path) },
] as const

export function sectionsFor(administrator: boolean): readonly Section[] {
  return [
    { label: 'Overview', to: '/', owns: (path) => path === '/' || path.startsWith('/nodes/') },
    { label: 'Live Management', to: '/resources', owns: (path) => LIVE_TABS.some((tab) => tab.owns(path)) },
    { label: 'Jobs', to: '/jobs', owns: (path) => /^\/jobs(\/|$)/.test(path) },
    { label: 'Reports', to: '/reports', owns: (path) => /^\/reports(\/|$)/.test(path) },
    {
      label: administrator ? 'Admin' : 'Tokens',
      to: administrator ? '/admin/accounts' : '/admin/tokens',
      owns: (path) => /^\/admin(\/|$)/.test(path),
    },
  ]
}

/** In windows as narrow as this the node list is a drawer. */
export const NARROW = '(max-width: 56em)'
