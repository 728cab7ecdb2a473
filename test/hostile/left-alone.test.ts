/** Whoever breaks the rules is left alone, for longer each time. Mostly a wait, which nothing that runs beside it can shorten. */

import { randomBytes } from 'node:crypto'
import type { Stream } from '@libp2p/interface'
import t from 'tap'
import { joinFrames } from '../../daemon/net/frame-bytes.ts'
import { encode } from '../../protocol/codec.ts'
import { limits } from '../../protocol/limits.ts'
import { pause } from '../support/attacks.ts'
import { accepted, befriend, roundTrip, startHouse, startStranger } from '../support/hostile.ts'

t.setTimeout(240_000)

t.test('who sends what no honest device sends is cut off, and left alone for longer each time', async (t) => {
  const [alice, bob] = await Promise.all([startHouse(t, 'alice'), startHouse(t, 'bob')])
  const chat = await befriend(bob, alice)
  const mallory = await startStranger(randomBytes(32))
  t.teardown(async () => await mallory.stop())
  await accepted(alice, mallory)
  const waits: number[] = []
  let link: Stream | undefined = await mallory.sync(await mallory.greet(alice.address))
  for (let times = 0; times < 3; times += 1) {
    if (link === undefined) throw new Error('no link')
    const bye = new Promise<void>((resolve) => link?.addEventListener('remoteCloseWrite', () => resolve()))
    link.send(joinFrames([encode([0, 'no offer'])]))
    await bye
    link.abort(new Error('next'))
    const begun = performance.now()
    link = undefined
    while (link === undefined) {
      link = await mallory
        .greet(alice.address)
        .then(async (connection) => await mallory.sync(connection))
        .catch(() => undefined)
      if (link === undefined) await pause(50)
    }
    waits.push(performance.now() - begun)
  }
  t.comment(waits.map((each) => `${Math.round(each)} ms`).join(', '))
  // Twice the wait each time; a timer can be late, never early.
  for (const [each, wait] of waits.entries())
    t.ok(wait > limits.penaltyFirstMs * 2 ** each - 100, `${each}: ${wait} ms`)
  t.ok((await roundTrip(bob, alice, chat)) > 0, 'and bob is served')
})
