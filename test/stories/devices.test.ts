/** One person on several devices: real daemons on real sockets. */

import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Linking, NewLinking, OwnDevice } from '../../protocol/http-devices.ts'
import type { Page } from '../../protocol/http.ts'
import { folderOf, startHere, type Here } from '../support/here.ts'

const begin = async ({ seat }: Here, wish: NewLinking): Promise<Linking> =>
  await seat.client.ask('POST', '/devices/linking', wish)

/** Where the linking stands, once it stands there. */
const until = async ({ seat }: Here, state: Linking['state']): Promise<Linking> =>
  await seat.until(async () => {
    const shown = await seat.client.ask<Linking>('GET', '/devices/linking')
    return shown.state === state ? shown : undefined
  }, `the linking to be ${state}`)
const confirm = async ({ seat }: Here): Promise<Linking> =>
  await seat.client.ask('POST', '/devices/linking/confirm', {})
const devicesOf = async ({ seat }: Here): Promise<OwnDevice[]> =>
  (await seat.client.ask<Page<OwnDevice>>('GET', '/devices')).items

const ids = (devices: OwnDevice[]): string[] => devices.map(({ deviceId }) => deviceId).toSorted()

/** Both say yes; resolves once the new device is one of the person's, and linked. */
async function link(old: Here, young: Here): Promise<void> {
  const { code = '' } = await begin(old, {})
  await begin(young, { code, address: `127.0.0.1:${old.port}` })
  const [shown, there] = await Promise.all([until(old, 'comparing'), until(young, 'comparing')])
  if (shown.words?.join() !== there.words?.join()) throw new Error('other words')
  const { personId } = await old.seat.me()
  await confirm(young)
  await confirm(old)
  await until(old, 'done')
  young.seat.unfollow()
  await young.seat.moved(personId)
  await old.seat.until(async () => ((await devicesOf(old)).every(({ online }) => online) ? true : undefined), 'a link')
}

async function two(t: Test): Promise<{ old: Here; young: Here }> {
  const folder = folderOf(t)
  const old = await startHere(t, join(folder, 'old'), 'alice')
  return { old, young: await startHere(t, join(folder, 'young'), 'alice') }
}

t.test('a second device joins by a short code, and is the same person', async (t) => {
  const { old, young } = await two(t)
  const before = await young.seat.me()
  await link(old, young)
  const [one, other] = await Promise.all([old.seat.me(), young.seat.me()])
  t.equal(other.personId, one.personId)
  t.not(other.personId, before.personId)
  t.not(other.deviceId, before.deviceId, 'with a key of its own')
  t.strictSame(ids(await devicesOf(old)), ids(await devicesOf(young)))
})
