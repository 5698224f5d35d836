// One line of JSON from a socket, bounded in bytes and time.

import type { Socket } from 'node:net'

/** The value. Rejects when the line is too long, is no JSON, or does not come in time; then the socket is destroyed. */
export function readLine(socket: Socket, bytesMax: number, timeoutMs: number): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const chunks: Buffer[] = []
  let bytes = 0
  const fail = (why: string): void => {
    reject(new Error(why))
    socket.destroy()
  }
  const timer = setTimeout(() => fail(`no line came within ${timeoutMs} ms`), timeoutMs)
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > bytesMax) return fail(`a line of more than ${bytesMax} bytes came`)
    chunks.push(chunk)
    if (!chunk.includes(10)) return
    clearTimeout(timer)
    try {
      resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')))
    } catch {
      fail('what came is no line of JSON')
    }
  })
  socket.once('error', (error) => fail(error.message))
  socket.once('close', () => {
    clearTimeout(timer)
    fail('the connection ended before a line came')
  })
  return promise
}
