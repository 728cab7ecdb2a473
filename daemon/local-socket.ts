/** Where the unix socket of a home is, and how to name it when its path is too long for the kernel. */

import { createHash } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { WarrenError } from '../protocol/errors.ts'

/** A name for listen() and connect() that works until release(). */
export interface SocketName {
  readonly path: string
  release(): void
}

const apiSocket = 'api.sock'
export type SocketFile = typeof apiSocket | 'phone.sock'

/** sun_path with its final NUL: 108 bytes on Linux, 104 on macOS and the BSDs. */
const mostBytes = process.platform === 'linux' ? 107 : 103

/** The socket's place in the file system; on Windows a pipe's name. */
export function socketPath(home: string, file: SocketFile = apiSocket): string {
  if (process.platform !== 'win32') return join(home, file)
  const name = file === apiSocket ? home : `${home} ${file}`
  return `\\\\.\\pipe\\warren-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`
}

/** Linux reaches a deep home through a descriptor of it. Throws HOME_UNWRITABLE where there is no way. */
export function nameSocket(home: string, file?: SocketFile): SocketName {
  const path = socketPath(home, file)
  if (process.platform === 'win32' || Buffer.byteLength(path) <= mostBytes) return { path, release: () => undefined }
  if (process.platform !== 'linux') {
    throw new WarrenError(
      'HOME_UNWRITABLE',
      `the path of the home is too long for a unix socket (${mostBytes} bytes): ${home}`,
    )
  }
  const folder = openSync(home, 'r')
  return { path: `/proc/self/fd/${folder}/${file ?? apiSocket}`, release: () => closeSync(folder) }
}
