// CONNECT and STOMP: version, login, heart-beats. [STOMP-1.2 connecting] [wire 1.5]

import { TroupeError } from '#base/errors.ts'
import { headerOf, type StompFrame, type StompVersion } from '#wire/stomp/frame.ts'
import type { Session } from '../session.ts'

const VERSIONS: readonly StompVersion[] = ['1.2', '1.1', '1.0']

export function connect(session: Session, frame: StompFrame): void {
  if (session.known)
    throw new TroupeError('BROKER_PROTOCOL', `a second ${frame.command} on a connection that is logged in`)
  const { hub } = session
  const version = agreeOnVersion(headerOf(frame, 'accept-version'))
  const [clientSends, clientWants] = readHeartbeat(headerOf(frame, 'heart-beat'))
  const login = headerOf(frame, 'login')
  const known = hub.login(login, headerOf(frame, 'passcode'), session.certificateName)
  if (!known) {
    hub.counters.loginsRefused++
    throw new TroupeError('BROKER_LOGIN_REFUSED', 'login refused: unknown login, wrong passcode or missing certificate')
  }
  session.loggedIn(known)
  session.parser.version = version
  const { heartbeatMs } = hub.limits
  const headers = ['version', version, 'session', hub.newSessionId(), 'server', 'Troupe']
  if (version !== '1.0') {
    if (heartbeatMs > 0 && clientWants > 0) session.sendEveryMs = Math.max(heartbeatMs, clientWants)
    if (heartbeatMs > 0 && clientSends > 0) session.receiveEveryMs = Math.max(heartbeatMs, clientSends)
    headers.push('heart-beat', `${heartbeatMs},${heartbeatMs}`)
  }
  session.sendFrame('CONNECTED', headers)
}

function agreeOnVersion(accepted: string | undefined): StompVersion {
  if (accepted === undefined) return '1.0'
  const wanted = accepted.split(',').map((v) => v.trim())
  const version = VERSIONS.find((v) => wanted.includes(v))
  if (version) return version
  throw new TroupeError('BROKER_PROTOCOL', 'no common STOMP version: this broker speaks 1.0, 1.1 and 1.2')
}

/** `<can send every>,<wants every>` in milliseconds. [STOMP-1.2 heart-beating] */
function readHeartbeat(text: string | undefined): [number, number] {
  if (text === undefined) return [0, 0]
  const match = /^(\d{1,9}),(\d{1,9})$/.exec(text)
  if (!match) throw new TroupeError('BROKER_PROTOCOL', 'heart-beat is not two numbers of milliseconds with a comma')
  return [Number(match[1]), Number(match[2])]
}
