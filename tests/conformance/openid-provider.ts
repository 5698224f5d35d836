// A real OpenID provider (the package oidc-provider) in this process, and a browser that signs in there: follows redirects, fills in the two
// forms, keeps cookies.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

export interface Person {
  readonly name: string
  readonly groups: readonly string[]
  readonly displayName: string
}

export interface OpenIdProvider {
  readonly issuer: string
  /** Signs in at `url` and answers where the provider sends the browser back to. */
  signIn(url: string, login: string): Promise<string>
  /** Refuses at the form. */
  refuse(url: string): Promise<string>
  close(): Promise<void>
}

export const CLIENT = { id: 'troupe', secret: 'the secret of the console at the provider' }

export async function startProvider(redirectUrl: string, people: ReadonlyMap<string, Person>): Promise<OpenIdProvider> {
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        ...{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirectUrl] },
        ...{ grant_types: ['authorization_code'], response_types: ['code'] },
      },
    ],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], groups: ['groups'] },
    scopes: ['openid', 'profile', 'groups'],
    pkce: { required: () => true },
    cookies: { keys: ['only for tests'] },
    findAccount: (_context: unknown, sub: string) => {
      const person = people.get(sub)
      if (!person) return undefined
      const { name, displayName, groups } = person
      return {
        accountId: sub,
        claims: async () => ({ sub, name: displayName, preferred_username: name, groups: [...groups] }),
      }
    },
  })
  server.on('request', provider.callback())

  /** Follows until it leaves the provider, answering each form by `fill`. */
  async function walk(start: string, fill: (prompt: string) => Record<string, string> | 'abort'): Promise<string> {
    const cookies = new Map<string, string>()
    let url = start
    let form: Record<string, string> | undefined
    for (let step = 0; step < 20; step++) {
      const answer = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
        ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
      })
      form = undefined
      for (const line of answer.headers.getSetCookie()) {
        const [pair = ''] = line.split(';')
        const [name = '', ...value] = pair.split('=')
        if (value.join('=') === '') cookies.delete(name)
        else cookies.set(name, value.join('='))
      }
      const to = answer.headers.get('location')
      if (to !== null) {
        url = new URL(to, url).href
        if (!url.startsWith(issuer)) return url
        continue
      }
      const page = await answer.text()
      const action = /action="([^"]+)"/.exec(page)?.[1]
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1]
      if (action === undefined || prompt === undefined)
        throw new Error(`the provider answered ${answer.status}: ${page.slice(0, 500)}`)
      const filled = fill(prompt)
      if (filled === 'abort') url = new URL(/href="([^"]+\/abort)"/.exec(page)![1]!, url).href
      else {
        form = { prompt, ...filled }
        url = new URL(action, url).href
      }
    }
    throw new Error('the provider sends the browser round in circles')
  }

  return {
    issuer,
    signIn: (url, login) => walk(url, (prompt) => (prompt === 'login' ? { login, password: 'any' } : {})),
    refuse: (url) => walk(url, () => 'abort'),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
