// An installation that answers as if it had been made, without touching a machine: for the screens of `mco setup` and `mco credentials`.

import type { Installation } from '../../src/cli/installation.ts'

const ETC = '/etc/puppetlabs/mcollective'
const UNTIL_MS = Date.UTC(2026, 10, 23, 5)
const MASTER = 'puppetmaster.example.com'

export const fakeInstallation: Installation = {
  master: async (asked) => ({
    ...{
      identity: asked.identity ?? MASTER,
      port: asked.port ?? 61_613,
      collectives: asked.collectives ?? ['mcollective'],
    },
    ...{ security: asked.security ?? 'psk', puppetCertificates: asked.puppetCertificates ?? false, directory: ETC },
    ...{ account: 'peadmin', created: asked.names === undefined },
    items: [
      { what: 'certificate authority', path: `${ETC}/ssl/ca.pem`, fate: asked.names ? 'kept' : 'made' },
      asked.names
        ? {
            what: 'certificate of the broker',
            path: `${ETC}/ssl/cert.pem`,
            fate: 'changed',
            reason: `it does not name ${asked.names[0]}`,
          }
        : { what: 'certificate of the broker', path: `${ETC}/ssl/cert.pem`, fate: 'made' },
      { what: 'configuration', path: `${ETC}/server.cfg`, fate: asked.names ? 'edited' : 'made' },
    ],
  }),
  async token(asked) {
    const where = { host: MASTER, port: asked.port ?? 61_614, untilMs: UNTIL_MS }
    asked.onTokens(
      Array.from({ length: asked.count }, (_, i) => `troupe-join_${i + 1}`),
      where,
    )
    asked.onRefused('cannot join: the token is not one that is waited for', '192.0.2.66')
    asked.onJoined(asked.identity ?? 'web1.example.com', '192.0.2.7')
    return { used: 1 }
  },
  node: async (asked) => ({
    ...{
      identity: asked.identity ?? 'web1.example.com',
      directory: ETC,
      collectives: asked.collectives ?? ['mcollective'],
    },
    ...{
      broker: { host: asked.broker?.host ?? MASTER, port: asked.broker?.port ?? 61_613 },
      security: asked.security ?? 'psk',
    },
    items: [{ what: 'configuration', path: `${ETC}/server.cfg`, fate: 'made' }],
    awaits: asked.token === undefined ? [`${ETC}/credentials`] : [],
  }),
  keys: async ({ role, name, output }) => ({
    name: role === 'client' ? `cert=${name}` : name,
    items: [{ what: 'private keys', path: `${output}/${role}.key`, fate: 'made' }],
    settings: [['plugin.aes.key', `${output}/${role}.key`]],
  }),
  rotate: async () => ({
    ...{ directory: ETC, keyId: '3f9a1c02', previousKeyId: '9b2e11aa', untilMs: UNTIL_MS, account: 'peadmin' },
  }),
  finish: async () => true,
}
