import assert from 'node:assert/strict'
import test from 'node:test'
import { brokerErrorText } from './broker-error.ts'

const frame = (message: string | undefined, body = '') => ({
  command: 'ERROR',
  headers: message === undefined ? [] : ['message', message],
  body: Buffer.from(body),
})

test('brokerErrorText: reason in the body as RabbitMQ writes it [wire 1.5]', () => {
  const text = brokerErrorText(frame('Bad CONNECT', "Access refused for user 'mcollective'\n"))
  assert.equal(text, "Bad CONNECT: Access refused for user 'mcollective'")
})

test('brokerErrorText: reason in the header and a stack trace in the body as ActiveMQ writes it [wire 1.5]', () => {
  const reason = 'User name [x] or password is invalid.'
  const body = `java.lang.SecurityException: ${reason}\r\n\tat org.apache.activemq.security.X.y(X.java:99)\r\n`
  assert.equal(brokerErrorText(frame(reason, body)), reason)
})

test('brokerErrorText: control characters, colours and text direction marks do not pass', () => {
  assert.equal(brokerErrorText(frame('a\u001b[2Jb\u0007\u202ec\u009bd\r\ne')), 'a [2Jb c d e')
})

test('brokerErrorText: the password is blotted out, long texts are cut, silence is named', () => {
  assert.equal(brokerErrorText(frame('no s3cr3t here', ''), 's3cr3t'), 'no *** here')
  assert.equal(brokerErrorText(frame('x'.repeat(5000))).length, 303)
  assert.equal(brokerErrorText(frame(undefined)), 'no reason given')
  assert.equal(brokerErrorText({ ...frame(undefined), body: Buffer.from([0xff, 0xfe]) }).length > 0, true)
})
