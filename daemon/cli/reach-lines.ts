/** How others reach a daemon that was just started, in words. */

import type { Values } from './command.ts'

const isLoopback = (address: string): boolean => /^\/(ip4\/127\.|ip6\/::1\/)/.test(address)

/** `listen`: multiaddrs. Loopback is told only to whom asked for it: nobody else can use it. */
export function reachLines(listen: readonly string[], asked: Values): string[] {
  const alone = listen.length > 0 && listen.every((address) => isLoopback(address))
  if (alone && asked['listen'] === undefined && asked['announce-loopback'] !== true)
    return ['No network is up: others reach this device once one is']
  return listen.map((address) => `Others reach this device at ${address}`)
}

/** As a shell takes it for one word. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
