/** What peers do who mean harm: each goes on until the signal ends it, and leaves nothing open. */

import { connect, type Socket } from 'node:net'
import type { Connection } from '@libp2p/interface'
import type { House, Stranger } from './hostile.ts'

export const nextTurn = async (): Promise<void> => {
  await new Promise<void>((resolve) => void setImmediate(resolve))
}

export const pause = async (ms: number): Promise<void> => {
  await new Promise<void>((resolve) => void setTimeout(resolve, ms))
}

/** The bare connection below libp2p's streams: yamux frames written by hand, after Noise. */
export interface Mux {
  /** Returns false once it is better to wait. */
  send(bytes: Uint8Array): boolean
  readonly isOpen: () => boolean
}

export function muxOf(connection: Connection): Mux {
  const muxer = Reflect.get(connection, 'muxer') as object
  const below = Reflect.get(muxer, 'maConn') as { send(bytes: Uint8Array): boolean; status: string }
  return { send: (bytes) => below.send(bytes), isOpen: () => below.status === 'open' && connection.status === 'open' }
}

/** The head of a yamux frame: type 0 data, 1 window update, 2 ping; flag 1 opens a stream, 8 resets it. */
export function muxHead(type: number, flag: number, stream: number, length: number): Uint8Array {
  const head = new Uint8Array(12)
  const view = new DataView(head.buffer)
  view.setUint8(1, type)
  view.setUint16(2, flag)
  view.setUint32(4, stream)
  view.setUint32(8, length)
  return head
}

/** Writes as fast as the peer takes it, or a little faster, until the end of the signal or of the connection. */
export async function pour(
  signal: AbortSignal,
  mux: Mux,
  next: () => Uint8Array,
  isTaken: () => boolean = () => true,
): Promise<void> {
  while (!signal.aborted && mux.isOpen()) {
    try {
      for (let each = 0; each < 64 && isTaken() && mux.isOpen(); each += 1) mux.send(next())
    } catch {
      return
    }
    await nextTurn()
  }
}

/** Opens sockets from `from(n)` one after the other, and does something with each; all are destroyed in the end. */
export async function sockets(
  signal: AbortSignal,
  to: House,
  from: (index: number) => string,
  use: (socket: Socket) => void,
  { most = 512, perTurn = 8 } = {},
): Promise<number> {
  const open = new Set<Socket>()
  let made = 0
  while (!signal.aborted) {
    for (let each = 0; each < perTurn && open.size < most; each += 1) {
      const socket = connect({ host: '127.0.0.1', port: to.port, localAddress: from(made), noDelay: true })
      made += 1
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
      socket.on('connect', () => use(socket))
    }
    await pause(5)
  }
  for (const socket of open) socket.destroy()
  return made
}

/** Dials again and again, as soon as the last connection ended, and does something with each. */
export async function again(
  signal: AbortSignal,
  peer: Stranger,
  to: House,
  use: (connection: Connection) => Promise<void>,
): Promise<number> {
  let reached = 0
  while (!signal.aborted) {
    try {
      const connection = await peer.dial(to.address)
      reached += 1
      await use(connection)
      connection.abort(new Error('again'))
    } catch {
      await pause(20)
    }
  }
  return reached
}

export const isRefused = async (peer: Stranger, at: House): Promise<boolean> => {
  try {
    await peer.greet(at.address)
    return false
  } catch {
    return true
  }
}
