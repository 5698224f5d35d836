// A Puppet that runs on a host without a puppetserver: the agent has a certificate of an authority made here and a catalog in its cache, which is
// what it applies. Seconds instead of the minute a puppetserver takes to start; runs, locks and summaries are Puppet's own.

import type { LabHost } from '../../lab/lab.ts'
import { createAuthority, issueServerCertificate } from '../../src/setup/certificates.ts'

const SSL = '/var/lib/puppet/ssl'
export const STATE = '/var/cache/puppet/state'

/** `content` is what every run makes the file /tmp/helloworld hold. */
export async function preparePuppet(host: LabHost, content = 'Hello from Puppet\n'): Promise<void> {
  const nowMs = Date.now()
  const authority = await createAuthority('Puppet CA for tests', { nowMs })
  const { key, certificate } = await issueServerCertificate(authority, { names: [host.name], nowMs, days: 2 })
  await host.run(['rm', '-rf', SSL, '/var/cache/puppet'])
  const own = ['install', '-d', '-o', 'puppet', '-g', 'puppet', '-m', '771']
  await host.run([...own, '/var/lib/puppet', SSL, '/var/cache/puppet', '/run/puppet', '/var/log/puppet'])
  const settings = [
    ...[`certname = ${host.name}`, 'server = localhost', 'certificate_revocation = false', 'report = false'],
    'use_cached_catalog = true',
  ]
  const files: [string, string][] = [
    ['/etc/puppet/puppet.conf', `[main]\n${settings.join('\n')}\n`],
    [`${SSL}/certs/ca.pem`, authority.certificate],
    [`${SSL}/certs/${host.name}.pem`, certificate],
    [`${SSL}/private_keys/${host.name}.pem`, key],
    [`/var/cache/puppet/client_data/catalog/${host.name}.json`, JSON.stringify(catalog(host.name, content))],
  ]
  for (const [path, text] of files) await host.writeFile(path, text, { mode: 0o640, owner: 'puppet' })
}

function catalog(name: string, content: string): object {
  const resource = (type: string, title: string, parameters: object = {}): object => ({
    ...{ type, title, tags: [type.toLowerCase(), 'class'], exported: false, parameters },
  })
  const file = { ensure: 'file', content }
  return {
    ...{ tags: ['settings'], name, version: 1, environment: 'production', code_id: null, catalog_format: 1 },
    catalog_uuid: '827a74c8-cf98-44da-9ff7-18c5e4bee41e',
    resources: [
      resource('Stage', 'main'),
      resource('Class', 'Settings'),
      resource('Class', 'main', { name: 'main' }),
      resource('File', '/tmp/helloworld', file),
    ],
    edges: [
      { source: 'Stage[main]', target: 'Class[Settings]' },
      { source: 'Stage[main]', target: 'Class[main]' },
      { source: 'Class[main]', target: 'File[/tmp/helloworld]' },
    ],
    classes: ['settings', 'main'],
  }
}
