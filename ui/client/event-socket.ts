/** One WebSocket to /events, from its first frame to its end. */

import type { ClientFrame, ServerEvent } from '../../protocol/events.ts'

export interface EventSocketOptions {
  token: string
  /** Resume behind this event. */
  after: number | undefined
  onEvent: (event: ServerEvent) => void
}

export interface EventSocket {
  send: (frame: ClientFrame) => void
  close: () => void
  /** Settles when the socket is gone, for whatever reason. */
  readonly closed: Promise<void>
}

const readEvent = (data: unknown): ServerEvent | undefined => {
  if (typeof data !== 'string') return undefined
  const value = JSON.parse(data) as ServerEvent
  return typeof value.type === 'string' ? value : undefined
}

export function openEventSocket(options: EventSocketOptions): EventSocket {
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/events`)
  const send = (frame: ClientFrame): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame))
  }
  socket.addEventListener('open', () => {
    const { token, after } = options
    send({ type: 'auth', token, gather: true, ...(after === undefined ? {} : { after }) })
  })
  socket.addEventListener('message', (message: MessageEvent<unknown>) => {
    const event = readEvent(message.data)
    if (event !== undefined) options.onEvent(event)
  })
  const closed = new Promise<void>((resolve) => {
    socket.addEventListener('close', () => resolve())
  })
  return { send, closed, close: () => socket.close() }
}
