/** A bare libp2p node and a bare LevelDB, with the same options as the daemon's. */

import { noise } from '@chainsafe/libp2p-noise'
import type { Libp2p, Stream } from '@libp2p/interface'
import { mdns } from '@libp2p/mdns'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { Level } from 'level'
import { createLibp2p } from 'libp2p'

export const echoProtocol = '/bench/echo/1'
/** As echo, with what each message needs of cryptography. */
export const messageProtocol = '/bench/message/1'
export const batchProtocol = '/bench/batch/1'
/** About what a chat message takes on the wire. */
export const recordBytes = 450
export const batchRecords = 100
const ackBytes = 4

export type Database = Level<Uint8Array, Uint8Array>

export async function openDatabase(path: string): Promise<Database> {
  const database: Database = new Level(path, { keyEncoding: 'view', valueEncoding: 'view', compression: false })
  await database.open()
  return database
}

let keys = 0
/** Ascending, as the entries of a feed are. */
export function nextKey(): Uint8Array {
  const key = new Uint8Array(16)
  new DataView(key.buffer).setUint32(12, (keys += 1))
  return key
}

/** Calls `whole` for each `size` bytes that came. */
export function onWhole(stream: Stream, size: number, whole: (bytes: Uint8Array) => void): void {
  let held: Uint8Array = new Uint8Array(0)
  stream.addEventListener('message', ({ data }) => {
    held = held.length === 0 ? data.subarray() : Buffer.concat([held, data.subarray()])
    for (; held.length >= size; held = held.subarray(size)) whole(held.subarray(0, size))
  })
}

export const batchOf = (bytes: Uint8Array): { type: 'put'; key: Uint8Array; value: Uint8Array }[] =>
  Array.from({ length: bytes.length / recordBytes }, (_, at) => ({
    type: 'put',
    key: nextKey(),
    value: bytes.subarray(at * recordBytes, (at + 1) * recordBytes),
  }))

export const ackOf = (): Uint8Array => new Uint8Array(ackBytes)
export { ackBytes }

/** Echoes what it stored, and says for each batch that it is stored. */
export async function answer(node: Libp2p, database: Database): Promise<void> {
  await node.handle(echoProtocol, (stream) => {
    onWhole(stream, recordBytes, (bytes) => {
      void database.put(nextKey(), bytes, { sync: true }).then(() => stream.send(ackOf()))
    })
  })
  await node.handle(batchProtocol, (stream) => {
    onWhole(stream, recordBytes * batchRecords, (bytes) => {
      void database.batch(batchOf(bytes), { sync: true }).then(() => stream.send(ackOf()))
    })
  })
}

export async function createNode(withMdns: boolean): Promise<Libp2p> {
  return await createLibp2p({
    addresses: { listen: [withMdns ? '/ip4/0.0.0.0/tcp/0' : '/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 1024 * 1024 } })],
    connectionMonitor: { enabled: false },
    connectionManager: { inboundConnectionThreshold: 64 },
    ...(withMdns ? { peerDiscovery: [mdns()] } : {}),
  })
}
