/** The conversations room keeps the contract of logs. */

import t from 'tap'
import { syncLogContract, type LogEnd } from '../../contracts/sync-log.ts'
import { fakeDevice } from '../../support/fake-device.ts'
import { Rooms } from '../../support/rooms.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

syncLogContract(t, 'Conversations', async () => {
  const time = new VirtualTime(1)
  const [alice, bob] = [new Rooms(time, 'alice'), new Rooms(time, 'bob')]
  await Promise.all([alice.start(), bob.start()])
  const scope = await alice.meet(bob)
  await bob.meet(alice)
  let posted = 0
  const end = (rooms: Rooms): LogEnd => ({
    log: rooms.conversations.peers,
    device: rooms.device,
    post: async (count, together = false) => {
      const posts: Promise<unknown>[] = []
      for (let each = 0; each < count; each += 1) {
        posted += 1
        posts.push(rooms.conversations.owner.post(scope, `message ${posted}`, `client ${posted}`))
        if (!together) await posts.at(-1)
      }
      await Promise.all(posts)
    },
  })
  const stop = async (): Promise<void> => void (await Promise.all([alice.stop(), bob.stop()]))
  return { alice: end(alice), bob: end(bob), scope, stranger: fakeDevice(1).id, stop }
})
