/** Puts rows of devices that proved to own their token, and takes them back. */

import { createHash } from 'node:crypto'
import type { Hono } from 'hono'
import { WarrenError } from '../../protocol/errors.ts'
import { revokeHashOf, wakeSizes } from '../../protocol/wake.ts'
import type { Attested } from '../attest.ts'
import { dayOf } from '../days.ts'
import { pnLimits } from '../limits.ts'
import { sameBytes } from '../store/row-bytes.ts'
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

async function isThere(store: RowStore, { id, sealed, revokeHash }: WantedRow, today: number): Promise<boolean> {
  const old = await store.get(id, today)
  return old !== undefined && sameBytes(old.sealed, sealed) && sameBytes(old.revokeHash, revokeHash)
}

/** Rows that are there already cost nothing; of the others each counts against the attestation, also one that is refused. */
async function put(
  store: RowStore,
  rows: readonly WantedRow[],
  { tag, expiresDay }: Attested,
  nowMs: number,
): Promise<Result[]> {
  const today = dayOf(nowMs)
  const known = await Promise.all(rows.map((row) => isThere(store, row, today)))
  const fresh = known.filter((each) => !each).length
  const key = createHash('sha256').update(tag).digest()
  let left = await store.take(key, fresh, pnLimits.rowsAnAttestation, expiresDay)
  const results: Result[] = []
  for (const [at, row] of rows.entries()) {
    if (known[at] === true) results.push('stored')
    else if (left === 0) results.push('full')
    else {
      left -= 1
      const kept = { sealed: row.sealed, revokeHash: row.revokeHash, expiresDay: today + pnLimits.rowDays }
      results.push((await store.put(row.id, kept, row.proof, today)) ? 'stored' : 'refused')
    }
  }
  return results
}

export function addRows(app: Hono<Environment>, { store, attestor, metrics, log, now }: ServerDeps): void {
  app.put('/v1/rows', async (c) => {
    const fields = await readJson(c, pnLimits.rowsBytes)
    const target = { ...placeOf(fields), tokenHash: bytesOf(fields, 'tokenHash', hashBytes) }
    const attested = attestor.check(bytesOf(fields, 'attestation'), target, now())
    if (attested === undefined)
      throw new WarrenError('NOT_ALLOWED', 'the attestation is none of this server for this token, or ran out')
    const results = await put(store.rows, readRows(fields), attested, now())
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
