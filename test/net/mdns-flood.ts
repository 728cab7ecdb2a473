/** A program that floods its LAN with multicast adverts of devices that do not exist, and forged ones of one that does. */

import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { deviceIdOf } from '../../protocol/ids.ts'

/** The two arguments: the address to send from, and the device whose addresses are forged. */
const [from = '', forged = ''] = process.argv.slice(2)

const u16 = (value: number): Buffer => Buffer.of(value >> 8, value & 255)
const label = (text: string): Buffer => Buffer.concat([Buffer.of(text.length), Buffer.from(text)])
const name = (...labels: readonly string[]): Buffer => Buffer.concat([...labels.map(label), Buffer.of(0)])
const service = ['_p2p', '_udp', 'local'] as const

/** RFC 1035, section 3.2.1. */
const record = (owner: Buffer, type: number, data: Buffer): Buffer =>
  Buffer.concat([owner, u16(type), u16(1), Buffer.of(0, 0, 0, 120), u16(data.length), data])

function advert(device: string, addresses: readonly string[]): Buffer {
  const own = name(randomBytes(8).toString('hex'), ...service)
  const answers = [
    record(name(...service), 12, own),
    ...addresses.map((each) => record(own, 16, label(`dnsaddr=${each}/p2p/${device}`))),
  ]
  return Buffer.concat([u16(0), u16(0x8400), u16(0), u16(answers.length), u16(0), u16(0), ...answers])
}

const socket = createSocket({ type: 'udp4', reuseAddr: true })
socket.bind(5353, () => {
  socket.setMulticastInterface(from)
  let sent = 0
  const more = (): void => {
    for (let each = 0; each < 20; each += 1) {
      sent += 1
      // Nobody listens at these: some refuse at once, some never answer.
      const addresses = Array.from(
        { length: 16 },
        (_, at) => `/ip4/${at % 2 === 0 ? from : '10.77.0.99'}/tcp/${1 + ((sent + at) % 60_000)}`,
      )
      const device = sent % 4 === 0 ? forged : deviceIdOf(randomBytes(32))
      socket.send(advert(device, addresses), 5353, '224.0.0.251')
    }
    if (sent % 1000 === 0) process.stdout.write(`${sent}\n`)
    setTimeout(more, 5)
  }
  more()
})
