/** The program of a push server that is measured, with a push service that takes everything at once; and of its floor. */

import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Level } from 'level'
import { Attestor, hashTarget } from '../../pnserver/attest.ts'
import { dayOf } from '../../pnserver/days.ts'
import { pnLimits } from '../../pnserver/limits.ts'
import type { PushProvider } from '../../pnserver/push/provider.ts'
import { startPnserver, type RunningPnserver } from '../../pnserver/start.ts'
import { openStore } from '../../pnserver/store/open-store.ts'
import type { PushStore } from '../../pnserver/store/store.ts'
import { signingKeyFromSeed, publicBytes } from '../../protocol/crypto.ts'
import { rowIdOf, sealTarget, signCodeClaim, type PushTarget } from '../../protocol/wake.ts'
import { serveJobs } from './jobs.ts'
import { capabilityOf, type PnJobs } from './pn-jobs.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const secret = randomBytes(32)
const origin = 'http://127.0.0.1'
const attestor = new Attestor([secret], origin)
const device = signingKeyFromSeed(randomBytes(32))
const rowBytes = 1060

let server: RunningPnserver | undefined
let store: PushStore | undefined
let bare: Level<Buffer, Buffer> | undefined
let pushes = 0

const takesAll: PushProvider = {
  platform: 'apns',
  accepts: () => true,
  send: async () => {
    pushes += 1
    return { is: 'delivered' }
  },
  close: async () => undefined,
}

async function startServer(folder: string): Promise<number> {
  store = await openStore({ store: 'level', folder, secret, onError: () => undefined })
  server = await startPnserver(
    {
      host: '127.0.0.1',
      port: 0,
      metricsPort: undefined,
      origin,
      secrets: [secret],
      trustProxy: ['127.0.0.1'],
      pushesAMinute: 1e9,
      version: '0.0.0',
    },
    { store, providers: [takesAll], platforms: {}, log: () => undefined, now: Date.now },
  )
  return server.port
}

/** HTTP that reads a body and answers it, and a database that is open. */
async function startFloor(folder: string): Promise<number> {
  bare = new Level<Buffer, Buffer>(folder, { keyEncoding: 'buffer', valueEncoding: 'buffer', compression: false })
  await bare.open()
  const http = createServer((request, response) => {
    request.resume()
    request.once('end', () => response.writeHead(202, { 'content-length': 0 }).end())
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return (http.address() as AddressInfo).port
}

/** A row as its device makes it, with a token of its own that was proven. */
function realRow(number: number): Uint8Array {
  const target: PushTarget = { platform: 'apns', environment: 'production', topic: 'a.b', token: randomBytes(32) }
  const { pendingId, code } = attestor.begin(hashTarget(target), publicBytes(device), Date.now())
  const signature = signCodeClaim(device, { origin, pendingId, code })
  const { bytes } = attestor.finish({ pendingId, code }, signature, Date.now())
  return sealTarget(capabilityOf(number), { ...target, attestation: bytes }, new Uint8Array(randomBytes(32)))
}

async function fill(from: number, rows: number, awake: number): Promise<void> {
  const today = dayOf(Date.now())
  for (let at = from; at < from + rows; at += 1) {
    const sealed = at < awake ? realRow(at) : new Uint8Array(randomBytes(1024))
    const id = at < awake ? rowIdOf(capabilityOf(at)) : createHash('sha256').update(String(at)).digest()
    const row = { sealed, revokeHash: randomBytes(32), expiresDay: today + pnLimits.rowDays }
    await store?.rows.put(id, row, undefined, today)
    await bare?.put(Buffer.from(id), randomBytes(rowBytes), { sync: true })
  }
}

serveJobs<PnJobs>({
  start: async ({ folder, isFloor }) => await (isFloor ? startFloor(folder) : startServer(folder)),
  fill: async ({ from, rows, awake }) => await fill(from, rows, awake),
  settled: async () => {
    await server?.settled()
    return pushes
  },
  usage: async () => {
    collect()
    const { user, system } = process.cpuUsage()
    return { rssBytes: process.memoryUsage.rss(), cpuMicros: user + system }
  },
})
