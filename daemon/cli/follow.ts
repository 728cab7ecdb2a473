/** The daemon's events, as they come. */

import { WebSocket } from 'ws'
import type { AuthFrame, ServerEvent } from '../../protocol/events.ts'
import type { Client } from './client.ts'
import { CommandError } from './command-error.ts'

/** A refused handshake has no body: the same, asked without one, is refused in words. */
async function whyRefused(client: Client): Promise<unknown> {
  try {
    return await client.ask('GET', '/events')
  } catch (error) {
    return error
  }
}

/** Ends with NOT_RUNNING when the daemon stops or is gone, LOCKED when it is locked. The first event is a snapshot, unless `after` could be resumed. `gather`: see AuthFrame. */
export async function* followEvents(
  client: Client,
  { after, gather }: Pick<AuthFrame, 'after' | 'gather'> = {},
): AsyncGenerator<ServerEvent, never> {
  const socket = new WebSocket('ws://localhost/api/v1/events', {
    createConnection: () => client.connect(),
    perMessageDeflate: false,
  })
  let failure: unknown
  let wake: (() => void) | undefined
  let isClosed = false
  let isLocked = false
  const arrived: ServerEvent[] = []
  socket.once('open', () => {
    const frame: AuthFrame = {
      type: 'auth',
      ...(after === undefined ? {} : { after }),
      ...(gather === undefined ? {} : { gather }),
    }
    socket.send(JSON.stringify(frame))
  })
  socket.on('message', (data: Buffer) => {
    arrived.push(JSON.parse(data.toString('utf8')) as ServerEvent)
    socket.pause() // read no faster than the events are used
    wake?.()
  })
  socket.on('error', (error) => {
    failure ??= error
  })
  socket.once('unexpected-response', () => {
    void whyRefused(client).then((refused) => {
      failure = refused
      socket.terminate()
      return undefined
    })
  })
  socket.once('close', () => {
    isClosed = true
    wake?.()
  })
  try {
    for (;;) {
      const event = arrived.shift()
      if (event !== undefined) {
        isLocked ||= event.type === 'closing' && event.reason === 'locked'
        yield event
      } else if (isClosed) break
      else {
        if (socket.readyState === WebSocket.OPEN) socket.resume()
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    socket.terminate()
  }
  if (isLocked) throw new CommandError('LOCKED', 'the daemon was locked')
  throw failure === undefined ? new CommandError('NOT_RUNNING', 'the daemon stopped') : client.explain(failure)
}
