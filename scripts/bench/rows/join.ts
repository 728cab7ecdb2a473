/** Somebody joins a large group with a long history by a link: until it is of use, and until all of it is here, from one member and from four. */

import type { Conversation, MessagePage } from '../../../protocol/http-conversations.ts'
import type { GroupInvite, GroupMember } from '../../../protocol/http-groups.ts'
import type { Me } from '../../../protocol/http-people.ts'
import type { Client } from '../../../daemon/cli/client.ts'
import { followEvents } from '../../../daemon/cli/follow.ts'
import type { ServerEvent } from '../../../protocol/events.ts'
import type { Bench, Row } from '../bench.ts'
import { bigGroup } from '../big-group.ts'
import { befriend, online } from '../contacts.ts'
import type { DaemonProcess } from '../daemon-process.ts'
import type { Figure } from '../figure.ts'
import { spawnFloor } from '../floors/floor-process.ts'
import { copyHome, startDaemon } from '../pair.ts'
import { median } from '../statistics.ts'

const usableBudgetMs = 3000
const allBudgetMs = 10_000
const budgetEntries = 100_000
const page = 50

interface Took {
  /** Newest page, members and unread count; all of the history; ms. */
  readonly usableMs: number
  readonly allMs: number
}

/** Whether an event says that the owner is in, and that there is something to read. */
function isIn(event: ServerEvent, group: string): boolean {
  if (event.type !== 'conversation') return false
  const { id, unread, group: glance }: Conversation = event.conversation
  return id === group && unread > 0 && glance?.standing === 'joined'
}

/** Whether the newest messages can be read, and everybody is in the list. */
async function isUsable(client: Client, group: string, persons: number): Promise<boolean> {
  const { items } = await client.ask<MessagePage>('GET', `/conversations/${group}/messages?limit=${page}`)
  const said = items.filter(({ notice, unreadable }) => notice === undefined && unreadable !== true)
  if (said.length < page / 2) return false
  return (await client.list<GroupMember>(`/conversations/${group}/members`)).length >= persons
}

/** Resolves once the group is of use to somebody who hears what a page hears, and asks for what a page shows; `events` is live. */
async function usable(
  events: AsyncGenerator<ServerEvent, never>,
  ...[client, group, persons]: Parameters<typeof isUsable>
): Promise<void> {
  for await (const event of events) if (isIn(event, group) && (await isUsable(client, group, persons))) return
}

/** `members`: daemons that hold everything, contacts of the one who joins. */
async function join(
  members: readonly DaemonProcess[],
  joiner: DaemonProcess,
  { group, persons, entries }: { readonly group: string; readonly persons: number; readonly entries: number },
): Promise<Took> {
  const [first] = members
  if (first === undefined) throw new RangeError('no member')
  for (const { client } of members) {
    await befriend(joiner.client, client)
    await online(joiner.client, (await client.ask<Me>('GET', '/me')).personId)
  }
  const { link } = await first.client.ask<GroupInvite>('POST', `/conversations/${group}/invites`, {})
  const all = joiner.child.ask('hold', { conversation: group, entries })
  const events = followEvents(joiner.client, { gather: true })
  await events.next()
  const before = Date.now()
  await joiner.client.ask('POST', '/groups/join', { link })
  await usable(events, joiner.client, group, persons)
  const usableMs = Date.now() - before
  return { usableMs, allMs: (await all) - before }
}

async function once(bench: Bench, homes: readonly string[], size: Parameters<typeof join>[2]): Promise<Took> {
  const members = await Promise.all(homes.map(async (home) => await startDaemon(bench, copyHome(bench, home))))
  const joiner = await startDaemon(bench, bench.path('joiner'))
  try {
    return await join(members, joiner, size)
  } finally {
    for (const each of [joiner, ...members]) await each.stop()
  }
}

export const joinGroup: Row = {
  name: 'join',
  about: 'a group of many devices joined by a link, against one signature verified per run and durable batches',
  async run(bench) {
    const { persons, entries, sources } = bench.scale.joining
    const { group, homes } = await bigGroup({ persons, entries, homes: sources })
    const floorProcess = spawnFloor(bench)
    await floorProcess.ask('start', { folder: bench.path('floor') })
    const figures: Figure[] = []
    for (const count of new Set([1, sources])) {
      const floor: number[] = []
      const took: Took[] = []
      for (let round = 0; round < Math.min(bench.scale.rounds, 3); round += 1) {
        floor.push((await floorProcess.ask('verify', { count: entries })).allMs)
        took.push(await once(bench, homes.slice(0, count), { group, persons, entries }))
      }
      const from = count === 1 ? 'from one member' : `from ${count} members`
      figures.push(
        {
          name: `${persons} devices, of use, ${from}`,
          unit: 'ms',
          floor: median(floor),
          measured: median(took.map(({ usableMs }) => usableMs)),
          budget: { is: 'most', value: usableBudgetMs },
        },
        {
          name: `all ${entries}, ${from}`,
          unit: 'ms',
          floor: median(floor),
          measured: median(took.map(({ allMs }) => allMs)),
          budget: { is: 'most', value: Math.max(usableBudgetMs, (allBudgetMs * entries) / budgetEntries) },
        },
      )
    }
    return figures
  },
}
