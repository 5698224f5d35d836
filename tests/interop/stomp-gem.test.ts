// The Ruby stomp gem, the library under MCollective's connectors, against the embedded broker on STOMP 1.0, 1.1 and 1.2: it
// sends binary bodies, selects directed messages, asks for receipts and is refused with an ERROR. Debian's ruby-stomp.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { silentLog } from '#base/log.ts'
import { createBroker } from '#broker/broker.ts'
import { NODE_PERMISSIONS, UNRESTRICTED_PERMISSIONS } from '#broker/roles.ts'
import { ensurePackage } from '../debian-package.ts'

const SCRIPT = `
require 'stomp'
port, version = ARGV
def open(port, version, login)
  connect = version == '1.0' ? {} : { 'accept-version' => version, 'host' => 'x', 'heart-beat' => '30500,29500' }
  Stomp::Connection.new(hosts: [{ login: login, passcode: 'pw', host: '127.0.0.1', port: port.to_i }],
                        reliable: false, connect_headers: connect)
end
node, client = open(port, version, 'any'), open(port, version, 'any')
raise node.protocol.to_s unless node.protocol == version
id = version == '1.0' ? {} : { 'id' => 'd' }
tid = version == '1.0' ? {} : { 'id' => 't' }
node.subscribe('/queue/mcollective.nodes', id.merge('selector' => "mc_identity = 'n1'"))
node.subscribe('/topic/mcollective.rpcutil.agent', tid.merge('receipt' => 'sub'))
raise 'receipt' unless node.receive.headers['receipt-id'] == 'sub'
body = (0..255).to_a.pack('C*')
client.publish('/queue/mcollective.nodes', 'other', 'mc_identity' => 'n2')
client.publish('/queue/mcollective.nodes', body, 'mc_identity' => 'n1', 'reply-to' => '/queue/r:1')
client.publish('/topic/mcollective.rpcutil.agent', body)
2.times do
  m = node.receive
  raise "body #{m.body.bytesize}" unless m.body.b == body
  raise 'header' if m.headers['mc_identity'] && m.headers['reply-to'] != '/queue/r:1'
end
client.publish('/queue/a', 'x', 'receipt' => 'r1')
raise 'receipt' unless client.receive.headers['receipt-id'] == 'r1'
limited = open(port, version, 'node')
limited.publish('/topic/mcollective.rpcutil.agent', 'forged')
m = limited.receive
raise "refusal #{m.command}" unless m.command == 'ERROR' && m.headers['error-code'] == 'BROKER_NOT_PERMITTED'
[node, client].each(&:disconnect)
puts open(port, version, 'nobody').connection_frame.command
puts 'done'
`

for (const version of ['1.0', '1.1', '1.2']) {
  test(`broker serves the Ruby stomp gem on STOMP ${version}`, async () => {
    ensurePackage('ruby-stomp', '/usr/lib/ruby/vendor_ruby/stomp.rb')
    ensurePackage('ruby', '/usr/bin/ruby')
    const broker = createBroker({
      listen: { host: '127.0.0.1', port: 0 },
      accounts: [
        { name: 'any', password: 'pw', permissions: UNRESTRICTED_PERMISSIONS },
        { name: 'node', password: 'pw', permissions: NODE_PERMISSIONS },
      ],
      log: silentLog,
    })
    await broker.start()
    try {
      const args = ['-e', SCRIPT, String(broker.address().port), version]
      const { stdout } = await promisify(execFile)('ruby', args, { timeout: 30_000 })
      assert.equal(stdout, 'ERROR\ndone\n')
    } finally {
      await broker.stop({ drainMs: 0 })
    }
  })
}
