/** Puts rows of devices that proved to own their token, and takes them back. */

import { createHash } from 'node:crypto'
import type { Hono } from 'hono'
import { WarrenError } from '../../protocol/errors.ts'
import { revokeHashOf, wakeSizes } from '../../protocol/wake.ts'
import type { Attested } from '../attest.ts'
import { dayOf } from '../days.ts'
import { pnLimits } from '../limits.ts'
import { sameBytes } from '../store/row-bytes.ts'
import type { RowCount } from '../row-count.ts'
import type { RowStore } from '../store/store.ts'
import { readJson } from './body.ts'
import type { Environment, ServerDeps } from './deps.ts'
import { asFields, bytesOf, placeOf, type Fields } from './fields.ts'

interface WantedRow {
  readonly id: Uint8Array
  readonly sealed: Uint8Array
  readonly revokeHash: Uint8Array
  readonly proof: Uint8Array | undefined
}

type Result = 'stored' | 'refused' | 'full'

const hashBytes = 32

function readRows(fields: Fields): WantedRow[] {
  const list: unknown = fields['rows']
  if (!Array.isArray(list)) throw new WarrenError('BAD_SHAPE', 'rows is no list')
  if (list.length > pnLimits.rowsACall) throw new WarrenError('TOO_LARGE', `over ${pnLimits.rowsACall} rows`)
  return list.map((item: unknown) => {
    const row = asFields(item)
    return {
      id: bytesOf(row, 'id', wakeSizes.rowId),
      sealed: bytesOf(row, 'ct', wakeSizes.sealedTarget),
      revokeHash: bytesOf(row, 'revokeHash', hashBytes),
      proof:
        row['revokeSecret'] === undefined
          ? undefined
          : revokeHashOf(bytesOf(row, 'revokeSecret', wakeSizes.revokeSecret)),
    }
  })
}

type Before = 'same' | 'other' | 'none'

async function before(store: RowStore, { id, sealed, revokeHash }: WantedRow, today: number): Promise<Before> {
  const old = await store.get(id, today)
  if (old === undefined) return 'none'
  return sameBytes(old.sealed, sealed) && sameBytes(old.revokeHash, revokeHash) ? 'same' : 'other'
}

/**
 * Rows that are there already cost nothing; of the others each counts against the attestation, also one that is refused. One that is new
 * has to have room here first, and costs nothing if there is none.
 */
async function put(
  { rows: store }: ServerDeps['store'],
  rowCount: RowCount,
  rows: readonly WantedRow[],
  { tag, expiresDay }: Attested,
  nowMs: number,
): Promise<{ readonly results: Result[]; readonly homeless: number }> {
  const today = dayOf(nowMs)
  const known = await Promise.all(rows.map(async (row) => await before(store, row, today)))
  const newcomers = known.filter((each) => each === 'none').length
  const room = rowCount.reserve(newcomers)
  let [places, unused] = [room, room]
  try {
    const wanted = known.filter((each) => each === 'other').length + room
    const key = createHash('sha256').update(tag).digest()
    let left = await store.take(key, wanted, pnLimits.rowsAnAttestation, expiresDay)
    const results: Result[] = []
    for (const [at, row] of rows.entries()) {
      const isNew = known[at] === 'none'
      if (known[at] === 'same') results.push('stored')
      else if (left === 0 || (isNew && places === 0)) results.push('full')
      else {
        left -= 1
        if (isNew) places -= 1
        const kept = { sealed: row.sealed, revokeHash: row.revokeHash, expiresDay: today + pnLimits.rowDays }
        const isStored = await store.put(row.id, kept, row.proof, today)
        if (isStored && isNew) unused -= 1
        results.push(isStored ? 'stored' : 'refused')
      }
    }
    return { results, homeless: newcomers - room }
  } finally {
    rowCount.giveBack(unused)
  }
}

export function addRows(app: Hono<Environment>, deps: ServerDeps): void {
  const { store, attestor, metrics, rowCount, log, now } = deps

  app.put('/v1/rows', async (c) => {
    const fields = await readJson(c, pnLimits.rowsBytes)
    const target = { ...placeOf(fields), tokenHash: bytesOf(fields, 'tokenHash', hashBytes) }
    const attested = attestor.check(bytesOf(fields, 'attestation'), target, now())
    if (attested === undefined)
      throw new WarrenError('NOT_ALLOWED', 'the attestation is none of this server for this token, or ran out')
    const { results, homeless } = await put(store, rowCount, readRows(fields), attested, now())
    metrics.count('rows_full', homeless)
    const stored = results.filter((each) => each === 'stored').length
    metrics.count('rows_put', stored)
    metrics.count('rows_refused', results.length - stored)
    return c.json({ results })
  })

  app.post('/v1/rows/revoke', async (c) => {
    metrics.count('rows_revoked')
    try {
      const fields = await readJson(c, pnLimits.jsonBytes)
      const secret = bytesOf(fields, 'revokeSecret', wakeSizes.revokeSecret)
      await store.rows.revoke(bytesOf(fields, 'id', wakeSizes.rowId), revokeHashOf(secret))
    } catch (error) {
      // The answer is the same whatever was asked; that the store is gone has to be known.
      if (!(error instanceof WarrenError)) log('error', 'the store failed on a revocation')
    }
    return c.body(null, 204)
  })
}
