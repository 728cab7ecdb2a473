/** Keeps for net and for the API what they need kept between runs: neither knows the store. */

import { utf8 } from '../protocol/bytes.ts'
import { decode, encode, readArray, readBytes, readText, readUint } from '../protocol/codec.ts'
import { deviceBytes, deviceIdOf } from '../protocol/ids.ts'
import type { PeerSource } from '../protocol/http.ts'
import type { SessionRow, SessionStore } from './api/sessions/session-store.ts'
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

const sessionKey = (store: Store, id: string): Key => ({ table: tables.session, at: store.nameNumbers(utf8(id)) })

/** The browser sessions of the API in table `session`. */
export function sessionStore(store: Store): SessionStore {
  return {
    all: async () =>
      (await store.range(tables.session)).map(({ value }): SessionRow => {
        const f = readArray(decode(value), 5)
        return {
          id: readText(f[0], 256),
          secret: readBytes(f[1], 32),
          label: readText(f[2], 1024),
          createdAt: readUint(f[3]),
          usedAt: readUint(f[4]),
        }
      }),
    put: async ({ id, secret, label, createdAt, usedAt }) => {
      await store.commit((batch) => batch.put(sessionKey(store, id), encode([id, secret, label, createdAt, usedAt])))
    },
    delete: async (id) => {
      await store.commit((batch) => batch.delete(sessionKey(store, id)))
    },
  }
}
