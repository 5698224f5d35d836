import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Value } from '#message/request.ts'
import { VALIDATORS } from './validators.ts'

function verdict(name: string, value: Value): string {
  try {
    VALIDATORS.get(name)?.(value)
    return 'ok'
  } catch (error) {
    return (error as Error).message
  }
}

describe('validators [agents 3, M-054]', () => {
  // Measured on the original, addresses included.
  const ipv4: [Value, boolean][] = [
    ['1.2.3.4', true],
    ['01.2.3.4', false],
    ['1.2.3.4/24', true],
    ['1.2.3.4/33', false],
    ['1.2.3.4/24/3', false],
    ['1.2.3.4/255.255.255.0', true],
    ['256.1.1.1', false],
    ['1.2.3', false],
    ['::1', false],
    ['1.2.3.4 ', false],
    ['1.2.3.4\n', false],
    ['', false],
    [5, false],
    [null, false],
  ]
  const ipv6: [Value, boolean][] = [
    ['::1', true],
    ['::1/64', true],
    ['::1/129', false],
    ['[::1]', true],
    ['fe80::1%eth0', true],
    ['::ffff:1.2.3.4', true],
    ['1:2:3:4:5:6:7:8', true],
    ['1:2:3:4:5:6:7:8:9', false],
    ['1::2::3', false],
    [':1', false],
    ['1:', false],
    ['12345::1', false],
    ['1.2.3.4', false],
    ['', false],
    ['::', true],
    ['::1\n', false],
    ['1:2:3:4:5:6:7::8', false],
  ]
  it('ipv4address and ipv6address take what the original takes', () => {
    for (const [value, ok] of ipv4)
      assert.equal(verdict('ipv4address', value), ok ? 'ok' : 'value should be an ipv4 address', JSON.stringify(value))
    for (const [value, ok] of ipv6)
      assert.equal(verdict('ipv6address', value), ok ? 'ok' : 'value should be an ipv6 address', JSON.stringify(value))
  })

  const cases: [string, Value, string][] = [
    ['shellsafe', 'a`b;c', 'value should not have ` in it'],
    ['shellsafe', 'a&b\n"c"', 'ok'],
    ['shellsafe', ['a'], 'value should be a String'],
    ['service_name', 'sshd@1.service:x', 'ok'],
    ['service_name', 'sshd\n', 'sshd\n is not a valid service name'],
    ['service_name', '', ' is not a valid service name'],
    ['package_name', 'libc6-dev_1.0', 'ok'],
    ['package_name', 'a:b', 'a:b is not a valid package name'],
    ['puppet_variable', 'a', 'ok'],
    ['puppet_variable', 'my_env2', 'ok'],
    ['puppet_variable', '1', "Invalid variable name '1' specified"],
    ['puppet_variable', 'a-b', "Invalid variable name 'a-b' specified"],
    ['puppet_variable', 'a;b', 'value should not have ; in it'],
    ['puppet_tags', 'one,two::three', 'ok'],
    ['puppet_tags', 'one,two:three', "Invalid variable name 'two:three' specified"],
    ['puppet_tags', 'one,', "Invalid variable name '' specified"],
    ['puppet_resource', 'File[/srv/www]', 'ok'],
    ['puppet_resource', 'File', "'File' is not a valid resource name"],
    ['puppet_server_address', 'puppet.example.com', 'ok'],
    ['puppet_server_address', 'puppet:8140', 'ok'],
    ['puppet_server_address', '10.0.0.1:8140', 'ok'],
    ['puppet_server_address', '[2001:db8::1]:8140', 'ok'],
    ['puppet_server_address', '2001:db8::1', 'ok'],
    ['puppet_server_address', 'pup pet:1', "The hostname 'pup pet' is not a valid hostname"],
    ['puppet_server_address', '[x]:1', "The hostname 'x' is not a valid hostname"],
    ['puppet_server_address', 'puppet:0', "The port '0' is not a valid puppet master port"],
    ['puppet_server_address', 'puppet:x', "The port 'x' is not a valid puppet master port"],
    ['puppet_server_address', '-puppet', "The hostname '-puppet' is not a valid hostname"],
    ['puppet_server_address', 'a$b', 'value should not have $ in it'],
  ]
  for (const [name, value, expected] of cases) {
    it(`${name} on ${JSON.stringify(value)}: ${JSON.stringify(expected)}`, () =>
      assert.equal(verdict(name, value), expected))
  }
})
