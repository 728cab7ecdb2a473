/** Somebody joins a large group with a long history by a link: until it is of use, and until all of it is here, from one member and from four. */

import type { Conversation, MessagePage } from '../../../protocol/http-conversations.ts'
import type { GroupInvite, GroupMember } from '../../../protocol/http-groups.ts'
import type { Me } from '../../../protocol/http-people.ts'
import type { Client } from '../../../daemon/cli/client.ts'
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

/** Whether the newest messages can be read, everybody is in the list, and unread is counted. */
async function isUsable(client: Client, group: string, persons: number): Promise<boolean> {
  const all = await client.list<Conversation>('/conversations')
  const found = all.find(({ id }) => id === group)
  if (found?.group?.standing !== 'joined' || found.unread === 0) return false
  const { items } = await client.ask<MessagePage>('GET', `/conversations/${group}/messages?limit=${page}`)
  const said = items.filter(({ notice, unreadable }) => notice === undefined && unreadable !== true)
  if (said.length < page / 2) return false
  return (await client.list<GroupMember>(`/conversations/${group}/members`)).length >= persons
}

const pause = async (ms: number): Promise<void> => await new Promise((resolve) => void setTimeout(resolve, ms))

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
  const before = Date.now()
  await joiner.client.ask('POST', '/groups/join', { link })
  while (!(await isUsable(joiner.client, group, persons))) await pause(10)
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
