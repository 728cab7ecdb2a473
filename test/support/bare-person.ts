/** A person without a daemon: a log that the test writes, and a bare device that says it over real sockets. */

import { randomBytes } from 'node:crypto'
import { joinFrames } from '../../daemon/net/frame-bytes.ts'
import { publicBytes, signBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { encodeFrame } from '../../protocol/frames.ts'
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
  /** Comes back on a new device with the recovery key; once it is a contact, says so to it. */
  recover(address: string): Promise<void>
  stop(): Promise<void>
}

export async function startBarePerson(name: string): Promise<BarePerson> {
  const first = newDevice()
  const log = new PersonLog(first)
  const peer: RawPeer = await startRawPeer({
    seed: first.seed,
    hello: { person: log.person, name, proof: log.entries.map((each) => runOf([each])) },
  })
  return {
    log,
    async ask(address) {
      await peer.greet(address)
    },
    async recover(address) {
      const { key, device } = newDevice()
      log.recover(
        { key, device },
        {
          kind: 'addDevice',
          heads: [],
          record: { device, deviceClass: 'desktop' },
          counterSignature: signBytes(key, counterMessage(log.person, device)),
          recovery: undefined,
        },
      )
      const stream = await peer.sync(await peer.greet(address))
      const runs = log.entries.map((each) => runOf([each]))
      stream.send(joinFrames([encodeFrame({ is: 'entries', scope: log.person, runs, done: true })]))
    },
    stop: async () => await peer.stop(),
  }
}
