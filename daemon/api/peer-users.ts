/** Which users of this machine are at the other ends of a port's loopback connections. Linux tells; elsewhere nobody does. */

import { readFile } from 'node:fs/promises'

/** The kernel's tables of TCP sockets (proc(5)). A program may reach 127.0.0.1 by an IPv6 socket, too. */
const tables = ['/proc/net/tcp', '/proc/net/tcp6']

/** 127.0.0.0/8, ::1 and the first as an IPv6 address: words in the byte order of the machine, which is little-endian. */
const loopback = '([0-9A-F]{6}7F|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F)'

const hexPort = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0')

/** An address of the table as sockets name it; one of IPv4 alike, whatever kind of socket has it. */
function readAddress(hex: string): string {
  if (hex === '00000000000000000000000001000000') return '::1'
  return [...Buffer.from(hex.slice(-8), 'hex')].toReversed().join('.')
}

/** Both ends of a connection: two of them may share any three of these at a time. */
export interface Ends {
  /** Of the program that connected. */
  readonly address: string
  readonly port: number
  /** What it connected to. */
  readonly toAddress: string
  readonly toPort: number
}

const asIPv4 = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')

const nameOf = ({ address, port, toAddress, toPort }: Ends): string =>
  `${asIPv4(address)} ${port} ${asIPv4(toAddress)} ${toPort}`

type Users = ReadonlyMap<string, number>

/** In the text of a table: the users of those sockets on loopback that are connected to `toPort` there, by the name of their ends. */
function* readTable(table: string, toPort: number): Generator<[string, number]> {
  // Behind the two ends: state, queues, timer, retransmissions, user.
  const row = new RegExp(
    `^ *\\d+: ${loopback}:([0-9A-F]{4}) ${loopback}:${hexPort(toPort)}(?: +\\S+){4} +(\\d+) `,
    'gm',
  )
  for (const [, from = '', fromPort = '', to = '', user] of table.matchAll(row)) {
    const ends = { address: readAddress(from), port: Number.parseInt(fromPort, 16), toAddress: readAddress(to), toPort }
    yield [nameOf(ends), Number(user)]
  }
}

/** The user in the text of a table whose socket has these ends. */
export const userInTable = (table: string, ends: Ends): number | undefined =>
  new Map(readTable(table, ends.toPort)).get(nameOf(ends))

const read = async (port: number): Promise<Users> => {
  const texts = await Promise.all(tables.map(async (path) => await readFile(path, 'latin1').catch(() => '')))
  return new Map(texts.flatMap((text) => [...readTable(text, port)]))
}

/** Of one port that others connect to. */
export class PeerUsers {
  #running: Promise<Users> | undefined
  #next: Promise<Users> | undefined
  /** How long the last look took: a table of thousands takes the kernel 10 ms. */
  #tookMs = 0

  /** The user whose socket has these ends; undefined where the system does not tell. */
  async of(ends: Ends): Promise<number | undefined> {
    return (await this.#look(ends.toPort)).get(nameOf(ends))
  }

  /** A look that begins from now on; one for all who ask before it does. */
  async #look(port: number): Promise<Users> {
    this.#next ??= this.#begin(port)
    return await this.#next
  }

  async #begin(port: number): Promise<Users> {
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
