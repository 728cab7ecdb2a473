/** A row as it is written: its last day (4 bytes), its revoke hash (32), what is sealed (1,024 or none). */

import { timingSafeEqual } from 'node:crypto'
import type { Row } from './store.ts'

const dayBytes = 4
const hashBytes = 32

export function encodeRow({ sealed, revokeHash, expiresDay }: Row): Buffer {
  const day = Buffer.alloc(dayBytes)
  day.writeUInt32BE(expiresDay)
  return Buffer.concat([day, revokeHash, sealed])
}

export function readRow(bytes: Buffer): Row {
  return {
    expiresDay: bytes.readUInt32BE(0),
    revokeHash: new Uint8Array(bytes.subarray(dayBytes, dayBytes + hashBytes)),
    sealed: new Uint8Array(bytes.subarray(dayBytes + hashBytes)),
  }
}

/** Whether this row may be replaced by whoever shows `proof`. */
export const isProven = ({ revokeHash }: Row, proof: Uint8Array | undefined): boolean =>
  proof !== undefined && proof.length === revokeHash.length && timingSafeEqual(proof, revokeHash)

export const emptied = (row: Row): Row => ({ ...row, sealed: new Uint8Array(0) })

export const sameBytes = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0
