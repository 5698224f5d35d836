// What the settings of `mco console` mean together: defaults that hang on others, and what must not be set alone.

import { posix } from 'node:path'
import type { MemberSettings, OidcSettings, WebConsoleSettings } from './settings.ts'
import { splitAddress } from './value.ts'
import type { ConfigValues } from './values.ts'

type Problem = (key: Parameters<ConfigValues['get']>[0], what: string) => void

export function webConsoleSettings(values: ConfigValues, member: MemberSettings, problem: Problem): WebConsoleSettings {
  const { get } = values
  const directory = get('console.directory') ?? posix.join(member.stateDirectory, 'console')
  const [certFile, keyFile] = [get('console.tls.cert'), get('console.tls.key')]
  if ((certFile === undefined) !== (keyFile === undefined)) {
    const [lone, missing] = certFile === undefined ? (['key', 'cert'] as const) : (['cert', 'key'] as const)
    problem(`console.tls.${lone}`, `is set, but console.tls.${missing} is not: one is of no use without the other`)
  }
  const url = get('console.url')
  if (url !== undefined && !isOrigin(url)) {
    problem('console.url', 'must be like https://console.example.com, with nothing behind the name and port')
  }
  const listen = splitAddress(get('console.listen'))!
  if (!get('console.tls') && !['127.0.0.1', '::1', 'localhost'].includes(listen.host)) {
    problem(
      'console.tls',
      `is off, and console.listen is ${listen.host}: without HTTPS it may listen on 127.0.0.1 alone`,
    )
  }
  return {
    ...{ listen, url: url?.replace(/\/$/, ''), directory, certFile, keyFile, tls: get('console.tls') },
    logFile: get('console.logfile'),
    names: get('console.names') ?? [member.identity],
    trustedProxies: get('console.trusted_proxies') ?? [],
    store: {
      url: get('console.store') ?? `sqlite:${posix.join(directory, 'console.db')}`,
      password: get('console.store.password'),
      caFile: get('console.store.ca'),
    },
    liveManagement: get('console.live_management'),
    refreshSeconds: get('console.refresh_interval'),
    puppetSeconds: get('console.puppet_interval'),
    lookingActions: get('console.looking_actions') ?? [],
    volatileOutputs: get('console.volatile_outputs') ?? [],
    puppetDb: puppetDbSettings(values, problem),
    sessionIdleSeconds: get('console.session_idle'),
    sessionMaxSeconds: get('console.session_max'),
    aesAuthorityKeyFile: get('console.aes.authority_key') ?? posix.join(member.directory, 'aes', 'authority.key'),
    oidc: oidcSettings(values, problem),
  }
}

function puppetDbSettings({ get }: ConfigValues, problem: Problem): WebConsoleSettings['puppetDb'] {
  const url = get('console.puppetdb.url')
  if (url === undefined) return undefined
  if (!isOrigin(url)) problem('console.puppetdb.url', 'must be like https://puppetdb.example.com:8081')
  else if (url.startsWith('http:') && !['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname))
    problem('console.puppetdb.url', 'must begin with https:// unless PuppetDB is on this machine')
  const [certFile, keyFile] = [get('console.puppetdb.cert'), get('console.puppetdb.key')]
  if ((certFile === undefined) !== (keyFile === undefined))
    problem('console.puppetdb.url', 'needs console.puppetdb.cert and console.puppetdb.key together, or neither')
  return { url, caFile: get('console.puppetdb.ca'), certFile, keyFile }
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return (
    /^https?:$/.test(url.protocol) &&
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === ''
  )
}

function oidcSettings({ get }: ConfigValues, problem: Problem): OidcSettings | undefined {
  const issuer = get('console.oidc.issuer')
  if (issuer === undefined) return undefined
  const clientId = get('console.oidc.client_id')
  if (clientId === undefined) problem('console.oidc.issuer', 'is set, but console.oidc.client_id is not')
  const isHere = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(issuer)
  if (!URL.canParse(issuer) || !(issuer.startsWith('https:') || isHere)) {
    problem('console.oidc.issuer', 'must be an address that begins with https://')
  }
  const groups = {
    administrators: get('console.oidc.administrators') ?? [],
    operators: get('console.oidc.operators') ?? [],
    viewers: get('console.oidc.viewers') ?? [],
  }
  if (Object.values(groups).every((names) => names.length === 0)) {
    const keys = 'console.oidc.administrators, .operators, .viewers'
    problem('console.oidc.issuer', `is set, but none of ${keys} is: nobody could sign in`)
  }
  return {
    ...{ issuer, clientId: clientId ?? '', clientSecretFile: get('console.oidc.client_secret_file') },
    ...{ name: get('console.oidc.name'), scopes: get('console.oidc.scopes') },
    ...{ nameClaim: get('console.oidc.name_claim'), groupsClaim: get('console.oidc.groups_claim') },
    ...groups,
  }
}
