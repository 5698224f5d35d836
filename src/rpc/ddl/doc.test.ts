import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { PluginKind } from './ddl.ts'
import { renderDdl } from './doc.ts'
import { ddlFileNames } from './file-names.ts'
import { parseDdl } from './parse.ts'

const FIXTURES = new URL('../../../tests/fixtures/ddl/', import.meta.url)

/** What is meant to differ: no blanks at line ends, an action without outputs says so, false is a default like others. */
function mended(page: string): string {
  return `${page
    .replaceAll(/[ \t]+$/gm, '')
    .replaceAll(/( +OUTPUT:\n)(?= {3}\w|\n*$)/g, '$1          This action does not have any outputs\n\n')
    .replace(/(\n +Type: boolean\n +Optional: false\n)/g, '$1            Default Value: false\n')
    .trimEnd()}\n`
}

describe('renderDdl against mco plugin doc [cli 8.7]', () => {
  for (const file of readdirSync(new URL('doc/', FIXTURES))) {
    it(`renderDdl prints ${file} as the original does`, () => {
      const [kind = '', name = ''] = file.replace('.txt', '').split('-')
      const stem = ddlFileNames(kind as PluginKind, name)[0]?.split('/')[1] ?? ''
      const made: Record<string, string> = {
        loops: 'made/loops.ddl',
        query: 'made/query_data.ddl',
        many: 'made/many_discovery.ddl',
      }
      const text = readFileSync(new URL(made[name] ?? `debian/${kind}/${stem}`, FIXTURES), 'utf8')
      const page = renderDdl(parseDdl(text, { kind: kind as PluginKind, name, file }))
      assert.equal(page.replaceAll(/[ \t]+$/gm, ''), mended(readFileSync(new URL(`doc/${file}`, FIXTURES), 'utf8')))
    })
  }

  it('renderDdl prints the sample of the specification', () => {
    const text = `metadata :name => "service", :description => "Start and stop system services", :author => "R.I.Pienaar",
      :license => "ASL 2.0", :version => "3.2.0", :url => "u", :timeout => 60
    requires :mcollective => "2.2.1"
    action "restart", :description => "Restart a service" do
      input :service, :prompt => "Service Name", :description => "The service to restart", :type => :string,
        :validation => :service_name, :optional => false, :maxlength => 90
      output :status, :description => "The status of the service after restarting", :display_as => "Service Status",
        :default => "unknown"
    end`
    const page = renderDdl(parseDdl(text, { kind: 'agent', name: 'service', file: 'f' }))
    assert.equal(
      page,
      `service
=======

Start and stop system services

      Author: R.I.Pienaar
     Version: 3.2.0
     License: ASL 2.0
     Timeout: 60
   Home Page: u

   Requires MCollective 2.2.1 or newer

ACTIONS:
========
   restart

   restart action:
   ---------------
       Restart a service

       INPUT:
           service:
              Description: The service to restart
                   Prompt: Service Name
                     Type: string
                 Optional: false
               Validation: service_name
                   Length: 90


       OUTPUT:
           status:
              Description: The status of the service after restarting
               Display As: Service Status
            Default Value: unknown
`,
    )
  })

  it('renderDdl lets no control character of a DDL through', () => {
    const text = `metadata :name => "n\\e[2J", :description => "d", :author => "a", :license => "l", :version => "1", :url => "u", :timeout => 5`
    assert.doesNotMatch(renderDdl(parseDdl(text, { kind: 'connector', name: 'n', file: 'f' })), /\x1b/)
  })
})
