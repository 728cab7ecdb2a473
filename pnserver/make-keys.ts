/** `pnserver keys FOLDER`: the secrets that a server makes for itself. */

import { createECDH, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface MadeKeys {
  readonly secretFile: string
  readonly vapidKeyFile: string
  /** What browsers are told. */
  readonly vapidPublicKey: string
}

const privateBytes = 32

const write = (path: string, bytes: Buffer): void =>
  writeFileSync(path, `${bytes.toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })

/** Throws if one is there already: nobody's rows would open again. */
export function makeKeys(folder: string): MadeKeys {
  const secretFile = join(folder, 'secret')
  const vapidKeyFile = join(folder, 'vapid-key')
  for (const path of [secretFile, vapidKeyFile]) if (existsSync(path)) throw new Error(`${path} is there already`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const pair = createECDH('prime256v1')
  const publicKey = pair.generateKeys()
  const privateKey = Buffer.concat([Buffer.alloc(privateBytes), pair.getPrivateKey()]).subarray(-privateBytes)
  write(secretFile, randomBytes(32))
  write(vapidKeyFile, privateKey)
  return { secretFile, vapidKeyFile, vapidPublicKey: publicKey.toString('base64url') }
}
