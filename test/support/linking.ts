/** Real daemons that ask each other, and that become devices of one person. */

import type { Page } from '../../protocol/http.ts'
import type { Linking, NewLinking, OwnDevice } from '../../protocol/http-devices.ts'
import type { Here } from './here.ts'

export const begin = async ({ seat }: Here, wish: NewLinking): Promise<Linking> =>
  await seat.client.ask('POST', '/devices/linking', wish)

/** Where the linking stands, once it stands there. */
export const until = async ({ seat }: Here, state: Linking['state']): Promise<Linking> =>
  await seat.until(async () => {
    const shown = await seat.client.ask<Linking>('GET', '/devices/linking')
    return shown.state === state ? shown : undefined
  }, `the linking to be ${state}`)
const confirm = async ({ seat }: Here): Promise<Linking> =>
  await seat.client.ask('POST', '/devices/linking/confirm', {})
export const devicesOf = async ({ seat }: Here): Promise<OwnDevice[]> =>
  (await seat.client.ask<Page<OwnDevice>>('GET', '/devices')).items

/** Ask and yes. */
export async function befriend(from: Here, to: Here): Promise<void> {
  const { deviceId } = await from.seat.look(`127.0.0.1:${to.port}`)
  await from.seat.client.ask('POST', '/contacts', { deviceId })
  const asking = await to.seat.contact('incoming')
  await to.seat.client.ask('PATCH', `/contacts/${asking.id}`, { state: 'accepted' })
  await Promise.all([from.seat.contact('accepted', true), to.seat.contact('accepted', true)])
}

/** Both say yes; resolves once the new device is one of the person's, and linked. */
export async function link(old: Here, young: Here): Promise<void> {
  const { code = '' } = await begin(old, {})
  await begin(young, { code, address: `127.0.0.1:${old.port}` })
  const [shown, there] = await Promise.all([until(old, 'comparing'), until(young, 'comparing')])
  if (shown.words?.join() !== there.words?.join()) throw new Error('other words')
  const { personId } = await old.seat.me()
  const { deviceId } = await young.seat.me()
  await confirm(young)
  await confirm(old)
  await until(old, 'done')
  young.seat.unfollow()
  await young.seat.moved(personId, deviceId)
  await old.seat.until(async () => ((await devicesOf(old)).every(({ online }) => online) ? true : undefined), 'a link')
}
