/** Which users of this machine are at the other ends of a port's loopback connections. Linux tells; elsewhere nobody does. */

import { readFile } from 'node:fs/promises'

/** The kernel's tables of TCP sockets (proc(5)). A program may reach 127.0.0.1 by an IPv6 socket, too. */
const tables = ['/proc/net/tcp', '/proc/net/tcp6']

/** 127.0.0.0/8, ::1 and the first as an IPv6 address: words in the byte order of the machine, which is little-endian. */
const loopback = '(?:[0-9A-F]{6}7F|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F)'

const hexPort = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0')

/** In the text of a table: the users of those sockets on loopback that are connected to `port` there, by their own port. */
export function usersInTable(table: string, port: number): Map<number, number> {
  // Behind the two ends: state, queues, timer, retransmissions, user.
  const row = new RegExp(`^ *\\d+: ${loopback}:([0-9A-F]{4}) ${loopback}:${hexPort(port)}(?: +\\S+){4} +(\\d+) `, 'gm')
  return new Map([...table.matchAll(row)].map(([, from = '', user]) => [Number.parseInt(from, 16), Number(user)]))
}

const read = async (port: number): Promise<Map<number, number>> => {
  const texts = await Promise.all(tables.map(async (path) => await readFile(path, 'latin1').catch(() => '')))
  return new Map(texts.flatMap((text) => [...usersInTable(text, port)]))
}

export class PeerUsers {
  #running: Promise<Map<number, number>> | undefined
  #next: Promise<Map<number, number>> | undefined
  /** How long the last look took: a table of thousands takes the kernel 10 ms. */
  #tookMs = 0

  /** The user whose socket is bound to `from` and connected to `port`; undefined where the system does not tell. */
  async of(from: number, port: number): Promise<number | undefined> {
    return (await this.#look(port)).get(from)
  }

  /** A look that begins from now on; one for all who ask before it does. */
  async #look(port: number): Promise<Map<number, number>> {
    this.#next ??= this.#begin(port)
    return await this.#next
  }

  async #begin(port: number): Promise<Map<number, number>> {
    const before = this.#running
    await before
    // A flood of connections keeps nobody looking for more than half of the time.
    if (before !== undefined) {
      await new Promise((resolve) => {
        setTimeout(resolve, this.#tookMs)
      })
    }
    this.#next = undefined // whoever asks from here on may have come after the look began
    const begun = performance.now()
    this.#running = read(port)
    const users = await this.#running
    this.#running = undefined
    this.#tookMs = performance.now() - begun
    return users
  }
}
