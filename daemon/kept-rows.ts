/** Keeps for net what it needs kept between runs: it does not know the store. */

import { utf8 } from '../protocol/bytes.ts'
import { decode, encode, readArray, readBytes, readText, readUint } from '../protocol/codec.ts'
import { deviceBytes, deviceIdOf } from '../protocol/ids.ts'
import type { PeerSource } from '../protocol/http-people.ts'
import type { AddressStore, KnownAddress, RemovedAddress } from './net/address-book.ts'
import { tables, type Batch, type Key, type Store } from './store/store.ts'

const sources: readonly PeerSource[] = ['mdns', 'manual', 'tailnet', 'contact']

const addressValue = (each: KnownAddress): Uint8Array =>
  encode([
    deviceBytes(each.device),
    each.address,
    sources.indexOf(each.source),
    each.learntAt,
    each.triedAt,
    each.workedAt,
  ])

function readAddressValue(row: Uint8Array): KnownAddress {
  const f = readArray(decode(row), 6)
  return {
    device: deviceIdOf(readBytes(f[0], 32)),
    address: readText(f[1], 512),
    source: sources[readUint(f[2], sources.length - 1)] ?? 'manual',
    learntAt: readUint(f[3]),
    triedAt: readUint(f[4]),
    workedAt: readUint(f[5]),
  }
}

/** The address book of net in table `address`. */
export function addressStore(store: Store): AddressStore {
  const keyOf = (batch: Batch, { device, address }: RemovedAddress): Key => ({
    table: tables.address,
    at: [store.numberFor(batch, device), ...store.nameNumbers(utf8(address))],
  })
  return {
    load: async () => (await store.range(tables.address)).map(({ value }) => readAddressValue(value)),
    save: async (changes, removed) => {
      await store.commit((batch) => {
        for (const each of changes) batch.put(keyOf(batch, each), addressValue(each))
        for (const each of removed) batch.delete(keyOf(batch, each))
      })
    },
  }
}
