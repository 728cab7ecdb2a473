/** Connections before their handshake: few at a time and a second per address and in all, but always room for contacts' addresses. */

import type { MultiaddrConnection } from '@libp2p/interface'
import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import { remoteAddress } from './address.ts'
import { addressBlock } from './ip.ts'
import type { Penalties } from './penalties.ts'
import { TokenBucket } from './token-bucket.ts'

export interface KnocksDeps {
  /** A contact was reached, or is expected, at this IP address. */
  readonly isExpected: (host: string) => boolean
  readonly penalties: Penalties
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
}

interface Pending {
  readonly socket: MultiaddrConnection
  readonly block: string
  readonly expected: boolean
  readonly since: number
}

/** An honest handshake on a LAN is through by then: an older one makes room. */
const stuckMs = 200
/** Blocks whose rate is remembered; those that were quiet long enough are forgotten. */
const mostBlocks = 4096

export const blockOf = ({ remoteAddr }: Pick<MultiaddrConnection, 'remoteAddr'>): string =>
  addressBlock(remoteAddress(remoteAddr).host)

export class Knocks {
  readonly #deps: KnocksDeps
  /** In the order in which they came. */
  readonly #pending = new Map<MultiaddrConnection, Pending>()
  readonly #rates = new Map<string, TokenBucket>()
  readonly #all: TokenBucket

  constructor(deps: KnocksDeps) {
    this.#deps = deps
    this.#all = new TokenBucket(limits.strangerKnocks, limits.strangerKnocksPerSecond, deps.now())
  }

  get pending(): number {
    return this.#pending.size
  }

  /** Whether the handshake may begin. */
  admit(socket: MultiaddrConnection): boolean {
    const { isExpected, penalties, now } = this.#deps
    const { host } = remoteAddress(socket.remoteAddr)
    const block = addressBlock(host)
    const expected = isExpected(host)
    if (!expected && penalties.waitMs(block) > 0) return false
    if (!this.#mayKnock(block, expected) || !this.#hasRoom(block, expected)) return false
    this.#pending.set(socket, { socket, block, expected, since: now() })
    socket.addEventListener('close', () => this.done(socket), { once: true })
    return true
  }

  /** The handshake is over, one way or the other. */
  done(socket: MultiaddrConnection): void {
    this.#pending.delete(socket)
  }

  #mayKnock(block: string, expected: boolean): boolean {
    const now = this.#deps.now()
    const rate = this.#rates.get(block) ?? new TokenBucket(limits.addressKnocks, limits.addressKnocksPerSecond, now)
    const first = rate.isFull(now)
    if (!rate.take(1, now)) return false
    this.#remember(block, rate, now)
    // The last quarter is for those who come for the first time: one address cannot take everything.
    return expected || this.#all.take(1, now, first ? 0 : limits.strangerKnocks / 4)
  }

  #remember(block: string, rate: TokenBucket, now: number): void {
    this.#rates.delete(block)
    this.#rates.set(block, rate)
    if (this.#rates.size <= mostBlocks) return
    for (const [each, bucket] of this.#rates) if (bucket.isFull(now)) this.#rates.delete(each)
    const oldest = this.#rates.keys().next()
    if (this.#rates.size > mostBlocks && oldest.done !== true) this.#rates.delete(oldest.value)
  }

  #hasRoom(block: string, expected: boolean): boolean {
    const same = [...this.#pending.values()].filter((each) => each.block === block)
    if (same.length >= limits.pendingPerAddress && !this.#end(same[0])) return false
    if (expected) return true
    const strangers = [...this.#pending.values()].filter((each) => !each.expected)
    return strangers.length < limits.pendingStrangers || this.#end(strangers[0])
  }

  /** Whoever takes so long holds no place that others want. */
  #end(pending: Pending | undefined): boolean {
    if (pending === undefined || this.#deps.now() - pending.since < stuckMs) return false
    this.done(pending.socket)
    pending.socket.abort(new WarrenError('TIMED_OUT', 'a handshake took long while others waited'))
    return true
  }
}
