// The text of a broker's ERROR frame, made fit for a terminal and a log: no control characters, no stack traces, no secret.
// What an ERROR means for the connection is decided by stomp-connector.ts. [wire 1.5]

import { BROKER_TEXT_LENGTH_MAX } from '#base/limits.ts'
import { headerOf, type StompFrame } from '#wire/stomp/frame.ts'

/**
 * e.g. `Bad CONNECT: Access refused for user 'mcollective'`. RabbitMQ has the reason in the body, ActiveMQ in the header
 * and a stack trace in the body; hence header and first line of the body. `secret` is blotted out.
 */
export function brokerErrorText(frame: StompFrame, secret?: string): string {
  const message = clean(headerOf(frame, 'message') ?? '')
  const firstLine = Buffer.from(frame.body.subarray(0, 4 * BROKER_TEXT_LENGTH_MAX))
    .toString('utf8')
    .trimStart()
    .split(/[\r\n]/, 1)[0]!
  const detail = clean(firstLine)
  let text = message === '' || detail.includes(message) ? detail || message : detail ? `${message}: ${detail}` : message
  if (secret !== undefined && secret.length >= 4) text = text.replaceAll(secret, '***')
  if (text === '') return 'no reason given'
  return text.length > BROKER_TEXT_LENGTH_MAX ? `${text.slice(0, BROKER_TEXT_LENGTH_MAX)}...` : text
}

function clean(text: string): string {
  return text
    .replace(/[\s\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .replace(/^(java|javax|org)\.[\w.$]+(Exception|Error): /, '')
    .trim()
}
