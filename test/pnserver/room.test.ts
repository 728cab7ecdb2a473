/** Who is counted together when codes are asked for, and what a full server does. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { pace } from '../../pnserver/limits.ts'
import { Metrics } from '../../pnserver/metrics.ts'
import { RowCount } from '../../pnserver/row-count.ts'
import { siteSubject } from '../../pnserver/server/client-address.ts'
import { startRig } from './support/rig.ts'
import { Sleeper } from './support/sleeper.ts'

t.setTimeout(240_000)

t.test('codes are counted by the site: a /48 has no more of them than an address', async (t) => {
  const rig = await startRig(t)
  const [{ most }] = pace.site
  const asks = async (address: string): Promise<number> => {
    const { status } = await rig.post('/v1/tokens', new Sleeper(rig).claim(), {
      headers: { 'x-forwarded-for': address },
    })
    return status
  }
  const statuses = new Set<number>()
  for (let each = 0; each < most; each += 1) statuses.add(await asks(`2001:db8:1:${each.toString(16)}::1`))
  t.strictSame([...statuses], [202])
  t.equal(await asks('2001:db8:1:ffff::1'), 429)
  t.equal(await asks('2001:db8:2:ffff::1'), 202, 'its neighbour')
  const info = await rig.post('/v1/rows', {}, { headers: { 'x-forwarded-for': '2001:db8:1:ffff::1' }, method: 'PUT' })
  t.equal(info.status, 400, 'all but codes is counted by the /64')
})

const site = (client: string): string => Buffer.from(siteSubject(client)).toString()

t.test('a site is a /48, or one IPv4 address', async (t) => {
  t.equal(site('2001:db8:a:b::1'), site('2001:0DB8:000a:ffff:1:2:3:4'))
  t.not(site('2001:db8:a::1'), site('2001:db8:b::1'))
  t.not(site('192.0.2.1'), site('192.0.2.2'))
})

t.test('a full server takes no new row, and keeps and changes those that it has', async (t) => {
  const rig = await startRig(t, { mostRows: 3 })
  const { metrics } = rig.server
  const [first, second] = [new Sleeper(rig), new Sleeper(rig)]
  const attestation = await first.settle(1, 2)
  const other = await second.register()
  const rows = [1, 2].map((contact) => second.row(second.keysFor(contact), other))
  t.strictSame((await second.put(other, rows)).json['results'], ['stored', 'full'])
  t.equal(metrics.valueOf('rows_full'), 1)
  t.match(metrics.text(), 'warren_pn_rows 3\n')
  t.match(metrics.text(), 'warren_pn_rows_most 3\n')
  const keys = first.keysFor(1)
  const again = first.row(keys, attestation, { revokeSecret: Buffer.from(keys.revokeSecret).toString('base64url') })
  t.strictSame((await first.put(attestation, [again])).json['results'], ['stored'], 'in the place of its own')
  t.strictSame((await first.put(attestation, [again])).json['results'], ['stored'], 'as it is')
  t.match(metrics.text(), 'warren_pn_rows 3\n')
  // A year on they are none, and there is room.
  rig.clock.aheadMs = 365 * 24 * 3_600_000
  await rig.server.sweep()
  t.match(metrics.text(), 'warren_pn_rows 0\n')
  t.strictSame((await first.settle(3)).length, 53)
  t.match(metrics.text(), 'warren_pn_rows 1\n')
})

t.test('a row that is refused takes no room, and what has no room costs its attestation nothing', async (t) => {
  const rig = await startRig(t, { mostRows: 1 })
  const sleeper = new Sleeper(rig)
  const attestation = await sleeper.settle(1)
  for (let each = 0; each < 40; each += 1) {
    const rows = Array.from({ length: 64 }, (_, at) => sleeper.row(sleeper.keysFor(at % 200, 1 + each), attestation))
    await sleeper.put(attestation, rows)
  }
  const keys = sleeper.keysFor(1)
  const own = sleeper.row(keys, attestation, { revokeSecret: Buffer.from(keys.revokeSecret).toString('base64url') })
  t.strictSame(
    (await sleeper.put(attestation, [own])).json['results'],
    ['stored'],
    'of 2,560 that were full none counted',
  )
  const foreign = sleeper.row(keys, attestation, { revokeHash: randomBytes(32).toString('base64url') })
  t.strictSame((await sleeper.put(attestation, [foreign])).json['results'], ['refused'])
  t.match(rig.server.metrics.text(), 'warren_pn_rows 1\n')
})

t.test('what is put while all are counted is not forgotten', async (t) => {
  const count = new RowCount(new Metrics(), 10)
  t.equal(count.reserve(4), 4)
  await count.recount(async () => {
    t.equal(count.reserve(2), 2)
    return await Promise.resolve(7)
  })
  t.equal(count.reserve(5), 1, 'seven and two of ten')
  count.giveBack(1)
  t.equal(count.reserve(5), 1)
})
