/** A page over an owner in memory who belongs to groups in every state: those too that real daemons reach only with effort. */

import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { readStatic } from '../../../daemon/api/static.ts'
import type { Conversation, ReceiptDevice } from '../../../protocol/http-conversations.ts'
import type { Completeness, Group, GroupMember } from '../../../protocol/http-groups.ts'
import { fingerprint } from '../../../protocol/ids.ts'
import { arrives } from '../../support/arrives.ts'
import type { FakeOwner } from '../../support/fake-owner.ts'
import { deviceOf, personOf } from '../../support/fake-ids.ts'
import { runApi } from '../../support/running-api.ts'
import type { Visited } from './browser.ts'

const builtPage = process.env['WARREN_UI'] ?? fileURLToPath(new URL('../../../build/ui', import.meta.url))
const colors = ['#1f7a4d', '#2f62b5', '#b8325f', '#8a5a00', '#6a4fc0', '#0f7385']

export interface GroupScene extends Visited {
  readonly owner: FakeOwner
  /** Ids of conversations. */
  readonly groups: { readonly lake: string; readonly news: string; readonly invited: string; readonly removed: string }
}

/** Changes what the owner in memory tells, in place. */
function decorate(owner: FakeOwner, group: string, change: Partial<Group>): void {
  const changed = (each: Conversation): Conversation =>
    each.id === group && each.group !== undefined ? { ...each, group: { ...each.group, ...change } } : each
  const [tell, list] = [owner.conversation.bind(owner), owner.conversations.bind(owner)]
  owner.conversation = (id) => changed(tell(id))
  owner.conversations = () => list().map(changed)
}

function members(owner: FakeOwner): void {
  const tell = owner.groups.members.bind(owner.groups)
  const lookalike = {
    id: personOf('Bob'),
    name: 'Bob',
    fingerprint: fingerprint(deviceOf('Bob')),
    how: 'similar-name',
  } as const
  owner.groups.members = (id, only) =>
    tell(id, only).map((each, at): GroupMember => ({
      ...each,
      color: each.mine === true ? each.color : (colors[at % colors.length] ?? each.color),
      online: each.name === 'Bob',
      lastSeenAt: each.name === 'Bob' ? 0 : Date.now() - 3 * 3_600_000,
      ...(each.name === 'Bоb' ? { lookalike } : {}),
    }))
}

/** What a device of theirs says that it holds. */
const device = (name: string, lacking: number, linked: boolean): Completeness['devices'][number] => ({
  deviceId: deviceOf(name),
  person: { id: personOf(name), name },
  linked,
  heardAt: Date.now() - 60_000,
  lacking,
  ahead: linked ? 0 : 2,
})

function completeness(owner: FakeOwner): void {
  owner.held = {
    devices: [device('Carol', 12, false), device('Bob', 0, true), device('Dave', 0, true)],
    complete: false,
    upTo: 0,
    unreadable: 1,
  }
}

/** The last words of a group, as if their author had lost the right to them. */
function outside(owner: FakeOwner, group: string, texts: readonly string[]): void {
  const tell = owner.messages.bind(owner)
  owner.messages = async (id, page) => {
    const told = await tell(id, page)
    if (id !== group) return told
    return { ...told, items: told.items.map((each) => (texts.includes(each.text) ? { ...each, outside: true } : each)) }
  }
}

const part = (name: string, held: boolean, linked: boolean): ReceiptDevice => {
  const deviceId = deviceOf(name)
  return { deviceId, fingerprint: fingerprint(deviceId), held, linked }
}
const person = (name: string): { id: string; name: string } => ({ id: personOf(name), name })

/** Who has the owner's words: Bob has read them, a device of Carol's has them, and Erin is away. */
function receipts(owner: FakeOwner, group: string): void {
  owner.people = [
    { ...person('Erin'), state: 'waiting', online: false, devices: [part('Erin', false, false)] },
    {
      ...person('Carol'),
      state: 'delivered',
      online: false,
      devices: [part('Carol', true, false), part('Carols phone', false, false)],
    },
    {
      ...person('Bob'),
      state: 'read',
      readBy: Date.now() - 60_000,
      online: true,
      devices: [part('Bob', true, true)],
    },
  ]
  const reached = { held: 2, devices: 4, delivered: 2, read: 1, persons: 3 }
  const tell = owner.messages.bind(owner)
  owner.messages = async (id, page) => {
    const told = await tell(id, page)
    if (id !== group) return told
    return { ...told, items: told.items.map((each) => (each.mine ? { ...each, state: 'held', reached } : each)) }
  }
}

async function lakeGroup(owner: FakeOwner): Promise<string> {
  const names = ['Bob', 'Carol', 'Dave', 'Erin']
  const { id } = await owner.groups.create({
    kind: 'group',
    name: 'Lake weekend',
    description: 'Tents, food and who drives. Departure on Saturday at nine.',
    color: '#0f7385',
    members: names.map((name) => personOf(name)),
  })
  for (const name of ['Bob', 'Carol', 'Dave']) owner.groups.joins(id, name)
  owner.groups.joins(id, 'Bоb') // with a Cyrillic o
  owner.receive('Bob', 'Are we still on for Saturday?', id)
  owner.receive('Bob', 'I could bring the tent, if somebody has room for it in the car.', id)
  owner.receive('Carol', 'I have room for two and a tent. Dave, are you coming by train?', id)
  await owner.post(id, { text: 'Great! I bring the stove 🎉', clientId: 'a' })
  owner.receive('Dave', 'By train, at half past eight.', id)
  await owner.groups.change(id, personOf('Carol'), { role: 'admin' })
  await owner.groups.remove(id, personOf('Dave'))
  owner.receive('Dave', 'Wait, why?', id)
  owner.receive('Dave', 'Is anybody there?', id)
  owner.receive('Bob', '☕', id)
  await owner.post(id, { text: 'See you tomorrow!', clientId: 'b' })
  return id
}

/** Everything is closed with the test. */
export async function groupScene(t: Test): Promise<GroupScene> {
  const { owner, api, listeners } = await runApi(t, { files: readStatic(builtPage) })
  await owner.patchMe({ welcomed: true, name: 'Alice', color: '#b5451b' })
  for (const [at, name] of ['Bob', 'Carol', 'Dave', 'Erin', 'Frank Nightingale'].entries())
    owner.meet(name, 'accepted', { color: colors[at] ?? '', online: name === 'Bob' })
  const lake = await lakeGroup(owner)
  const { id: news } = await owner.groups.create({ kind: 'group', name: 'House news', members: [personOf('Erin')] })
  owner.groups.joins(news, 'Erin')
  owner.receive('Erin', 'The lift is repaired on Monday.', news)
  const invited = await owner.groups.invited('Grace', 'Choir of the old town')
  const removed = await owner.groups.invited('Heidi', 'Book club')
  decorate(owner, lake, { unaware: [{ removed: { id: personOf('Dave'), name: 'Dave' }, devices: 2 }] })
  decorate(owner, news, {
    role: 'member',
    post: 'admin',
    broadcast: true,
    rights: { post: false, invite: false, change: false, govern: false, transfer: false, roles: [] },
  })
  decorate(owner, invited, { description: 'We sing on Tuesdays.', members: 23 })
  decorate(owner, removed, { standing: 'removed' })
  receipts(owner, lake)
  outside(owner, lake, ['Wait, why?', 'Is anybody there?'])
  members(owner)
  completeness(owner)
  arrives(owner, news, { left: 660_000, percent: 34 })
  return {
    name: 'Alice',
    origin: `http://127.0.0.1:${listeners.port}`,
    pageLink: async () => api.issueCode(false).url,
    owner,
    groups: { lake, news, invited, removed },
  }
}
