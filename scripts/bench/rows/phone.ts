/** A phone that sleeps: from a friend's message to the moment at which its app is told of it, through a push server. */

import type { Page } from '../../../protocol/http.ts'
import type { Contact } from '../../../protocol/http-people.ts'
import { wakePace } from '../../../protocol/wake.ts'
import type { Row } from '../bench.ts'
import { openScene, until, type Friend, type PhoneScene } from '../phone-scene.ts'
import { median, quantile } from '../statistics.ts'

async function falls({ phone, friends }: PhoneScene): Promise<void> {
  await phone.suspend()
  for (const { daemon } of friends) {
    await until(async () => {
      const { items } = await daemon.client.ask<Page<Contact>>('GET', '/contacts')
      return items.every(({ online }) => !online)
    })
  }
}

/** Resolves when it is stored, before which nobody is woken. */
async function writes({ daemon, conversation }: Friend, text: string): Promise<void> {
  await daemon.client.ask('POST', `/conversations/${conversation}/messages`, { text, clientId: text })
}

async function told({ came }: PhoneScene): Promise<void> {
  while ((await came.next()) === 0);
}

export const phone: Row = {
  name: 'phone',
  about:
    'a sleeping phone: from a message to its app being told of it, through a push server, against being opened by hand',
  async run(bench) {
    const { rounds } = bench.scale.phone
    const scene = await openScene(bench, Math.ceil(rounds / wakePace.atOnce))
    const [measured, floor]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round += 1) {
      const friend = scene.friends[Math.floor(round / wakePace.atOnce)] as Friend
      await falls(scene)
      const begun = performance.now()
      await writes(friend, `wake ${round}`)
      await scene.phone.resume(await scene.pushes.next())
      await told(scene)
      measured.push(performance.now() - begun)
    }
    // Of a friend who has woken as often as anybody may for now, so that no push comes between.
    const [first] = scene.friends as [Friend]
    for (let round = 0; round < rounds; round += 1) {
      await falls(scene)
      await writes(first, `by hand ${round}`)
      const begun = performance.now()
      await scene.phone.resume()
      await told(scene)
      floor.push(performance.now() - begun)
    }
    const figure = { unit: 'ms', budget: { is: 'most', value: 3000 } } as const
    return [
      { ...figure, name: 'message to told, p50', floor: median(floor), measured: median(measured) },
      { ...figure, name: 'message to told, p95', floor: quantile(floor, 0.95), measured: quantile(measured, 0.95) },
    ]
  },
}
