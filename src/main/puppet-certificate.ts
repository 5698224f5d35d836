// Where Puppet keeps the certificate of this host: asked of Puppet itself, whose layouts differ by version and packaging.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { TroupeError } from '#base/errors.ts'
import type { PuppetCertificate } from '#setup/installed.ts'

const SETTINGS = ['certname', 'hostcert', 'hostprivkey', 'localcacert']
const ASK_MS_MAX = 60_000

/** Throws SETUP_NO_PUPPET. */
export function puppetCertificate(): PuppetCertificate {
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/opt/puppetlabs/bin` }
  const words = ['config', 'print', '--section', 'agent', ...SETTINGS]
  const { stdout, status, error } = spawnSync('puppet', words, { encoding: 'utf8', env, timeout: ASK_MS_MAX })
  if (error || status !== 0) throw missing(`puppet config print: ${error?.message ?? `ended with code ${status}`}`)
  const printed = new Map(stdout.split('\n').map((line) => line.split(/ = (.*)/s, 2) as [string, string]))
  const [name, certificate, key, authority] = SETTINGS.map((setting) => printed.get(setting)?.trim() ?? '')
  if (!name || !certificate || !key || !authority) throw missing(`it does not tell its ${SETTINGS.join(', ')}`)
  const absent = [certificate, key, authority].find((file) => !existsSync(file))
  if (absent !== undefined) throw missing(`${absent} is not there; \`puppet agent --test\` gets it`)
  return { name, certificate, key, authority }
}

function missing(why: string): TroupeError {
  return new TroupeError('SETUP_NO_PUPPET', `cannot use Puppet's certificates: ${why}`)
}
