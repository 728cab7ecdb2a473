/** A person without a daemon: a log that the test writes, and a bare device that says it over real sockets. */

import { randomBytes } from 'node:crypto'
import { publicBytes, signBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { deviceIdOf } from '../../protocol/ids.ts'
import { counterMessage } from '../../protocol/operation-proofs.ts'
import { startRawPeer, type RawPeer } from '../daemon/net/raw-peer.ts'
import { PersonLog, runOf, type Actor } from '../protocol/cast.ts'

function newDevice(): Actor & { readonly seed: Uint8Array } {
  const seed = new Uint8Array(randomBytes(32))
  const key = signingKeyFromSeed(seed)
  return { seed, key, device: deviceIdOf(publicBytes(key)) }
}

export interface BarePerson {
  readonly log: PersonLog
  /** Asks for contact. */
  ask(address: string): Promise<void>
  /** Comes back on a new device with the recovery key, and says so to a contact. */
  recover(address: string): Promise<void>
  stop(): Promise<void>
}

export async function startBarePerson(name: string): Promise<BarePerson> {
  const first = newDevice()
  const log = new PersonLog(first)
  const peers: RawPeer[] = []
  const greetAs = async (seed: Uint8Array, address: string): Promise<void> => {
    const proof = log.entries.map((each) => runOf([each]))
    const peer = await startRawPeer({ seed, hello: { person: log.person, name, proof } })
    peers.push(peer)
    await peer.greet(address)
  }
  return {
    log,
    ask: async (address) => await greetAs(first.seed, address),
    async recover(address) {
      const { seed, key, device } = newDevice()
      const counterSignature = signBytes(key, counterMessage(log.person, device))
      const record = { device, deviceClass: 'desktop' } as const
      log.recover({ key, device }, { kind: 'addDevice', heads: [], record, counterSignature, recovery: undefined })
      await greetAs(seed, address)
    },
    async stop() {
      for (const peer of peers) await peer.stop()
    },
  }
}
