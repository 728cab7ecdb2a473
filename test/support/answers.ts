import { once } from 'node:events'
import { connect } from 'node:net'

/** Whether somebody listens on that port of 127.0.0.1, or on that unix socket. */
export async function answers(where: number | string): Promise<boolean> {
  const socket = typeof where === 'number' ? connect(where, '127.0.0.1') : connect(where)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
