import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { boundConnections } from './connection-bounds.ts'
import { networkOf } from './network-of.ts'

function connections(addresses: readonly string[]): boolean[] {
  const server = new EventEmitter()
  boundConnections(server as never, { addressConnectionsMax: 2 })
  return addresses.map((remoteAddress) => {
    let kept = true
    const socket = Object.assign(new EventEmitter(), { remoteAddress, destroy: () => (kept = false) })
    server.emit('connection', socket)
    return kept
  })
}

test('boundConnections: whoever has a whole network of IPv6 has no more connections than who has one address', () => {
  assert.deepEqual(connections(['10.0.0.7', '10.0.0.7', '10.0.0.7', '10.0.0.8']), [true, true, false, true])
  const one = ['2001:db8:1:2::1', '2001:db8:1:2::2', '2001:db8:1:2:ffff::3', '2001:db8:1:3::1']
  assert.deepEqual(connections(one), [true, true, false, true])
  assert.deepEqual(connections(['::1', '::1', '::1', '::ffff:127.0.0.1']), [true, true, true, true])
})

test('networkOf: the /64 of IPv6, everything of IPv4', () => {
  assert.equal(networkOf('2001:db8::1'), '2001:db8:0:0::/64')
  assert.equal(networkOf('2001:db8:0:0:1:2:3:4'), '2001:db8:0:0::/64')
  assert.equal(networkOf('10.0.0.7'), '10.0.0.7')
  assert.equal(networkOf('::ffff:10.0.0.7'), '::ffff:10.0.0.7')
})
