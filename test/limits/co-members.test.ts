import t from 'tap'
import { CandidateBook } from '../../daemon/sync/candidate-book.ts'
import { Candidates } from '../../daemon/sync/candidates.ts'
import type { SyncFrame } from '../../daemon/sync/link.ts'
import { EarlyRegisters } from '../../daemon/sync/early-registers.ts'
import { Tops } from '../../daemon/sync/tops.ts'
import { runSize } from '../../daemon/sync/pack.ts'
import { Neighbours } from '../../daemon/contacts/neighbours.ts'
import { CoMembers } from '../../daemon/contacts/co-members.ts'
import { Joins } from '../../daemon/contacts/joins.ts'
import { Bus } from '../../daemon/bus.ts'
import { MemoryDisk } from '../../daemon/store/memory-disk.ts'
import { openMemoryStore } from '../../daemon/store/memory-store.ts'
import { feedOf } from '../../protocol/entry.ts'
import { encodeGroupLink } from '../../protocol/group-link.ts'
import { conversationIdOf, entryIdOf, type ConversationId, type DeviceId, type Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Register } from '../../protocol/register.ts'
import type { Run } from '../../protocol/run.ts'
import { chainRuns, fakeDevice, fakeFeed, fakeScope } from '../support/fake-device.ts'
import { deviceOf, bytesOf, personOf } from '../support/fake-ids.ts'
import { seededRandom, VirtualTime } from '../support/virtual-time.ts'
import { boundary, upTo } from './boundary.ts'

const peer = fakeDevice(1)
const groupOf = (number: number): ConversationId => conversationIdOf(bytesOf(`group ${number}`))

interface Desk {
  readonly candidates: Candidates
  readonly book: CandidateBook
  readonly sent: SyncFrame[]
  readonly considered: Scope[]
}

/** One link's candidates, of which nothing is the owner's. */
function deskOf(time = new VirtualTime(), book = new CandidateBook(() => time.now())): Desk {
  const sent: SyncFrame[] = []
  const considered: Scope[] = []
  const log = {
    isOfInterest: () => 'perhaps' as const,
    partFor: () => undefined,
    consider: (scope: Scope) => {
      considered.push(scope)
      return Promise.resolve({ is: 'foreign' as const })
    },
  }
  const send = (frame: SyncFrame): void => void sent.push(frame)
  return { candidates: new Candidates({ device: peer.id, log, book, timers: time, send }), book, sent, considered }
}

/** The peer says that it holds so many operations. */
const claims = async ({ candidates }: Desk, scope: Scope, operations: number): Promise<void> => {
  const { device, lane, generation } = fakeFeed(peer, { scope, lane: 0 })
  const hlc = { wallMs: 1, count: 0 }
  const head = entryIdOf(bytesOf('head'))
  const rows = [{ device, lane, generation, ranges: [[1, operations]], head, hlc }] as const
  await candidates.take({ is: 'vector', scope, rows, more: false })
}

const nothing = async ({ candidates }: Desk, scope: Scope): Promise<void> =>
  await candidates.take({ is: 'vector', scope, rows: [], more: false })

async function isAsked(operations: number): Promise<boolean> {
  const desk = deskOf()
  desk.candidates.offered([fakeScope(1)])
  await claims(desk, fakeScope(1), operations)
  return desk.sent.some(({ is }) => is === 'want')
}

t.test('of a scope that is offered and not here so many operations are gathered', async (t) => {
  await upTo(t, 'candidateOperations', isAsked, 'no')
})

t.test('of a scope that is offered and not here so many bytes are gathered', async (t) => {
  const scope = fakeScope(1)
  const feed = fakeFeed(peer, { scope, lane: 0 })
  const some = chainRuns(peer, feed, { count: 33, payloadBytes: 250_000 })
  const rest = (bytes: number): Run[] => {
    const used = some.reduce((sum, run) => sum + runSize(run), 0)
    const below = some.at(-1)?.entries[0]?.sealed
    const bare = chainRuns(peer, feed, { count: 1, payloadBytes: 100_000, below })
    const payloadBytes = bytes - used - runSize(bare[0] as Run) + 100_000
    return chainRuns(peer, feed, { count: 1, payloadBytes, below })
  }
  const isConsidered = async (bytes: number): Promise<boolean> => {
    const desk = deskOf()
    desk.candidates.offered([scope])
    await claims(desk, scope, 34)
    const runs = [...some, ...rest(bytes)]
    t.equal(
      runs.reduce((sum, run) => sum + runSize(run), 0),
      bytes,
    )
    t.same(feedOf((runs[0] as Run).entries[0]?.sealed as never).scope, scope)
    await desk.candidates.take({ is: 'entries', scope, runs, done: true })
    return desk.considered.length === 1
  }
  await upTo(t, 'candidateBytes', isConsidered, 'no')
})

t.test('a link has so many foreign scopes looked at until its next digest, one after the other', async (t) => {
  const looked = async (count: number): Promise<boolean> => {
    const desk = deskOf()
    for (let at = 0; at < count; at += 1) desk.candidates.offered([fakeScope(at)])
    for (let at = 0; at < count; at += 1) {
      const last = desk.sent.at(-1)
      if (last?.is === 'vector') await nothing(desk, last.scope)
    }
    const isEnough = desk.considered.length === count
    desk.candidates.renew(true)
    t.equal(desk.sent.length, count, 'the next digest')
    return isEnough
  }
  await upTo(t, 'candidateScopes', looked, 'no')
})

t.test('so many links gather at a time, and the next one when there is room', async (t) => {
  const time = new VirtualTime()
  const gather = (count: number): Desk[] => {
    const book = new CandidateBook(() => time.now())
    const desks = Array.from({ length: count }, () => deskOf(time, book))
    for (const [at, { candidates }] of desks.entries()) candidates.offered([fakeScope(at)])
    return desks
  }
  const gatherAll = (count: number): boolean => gather(count).every(({ sent }) => sent.length === 1)
  await upTo(t, 'candidatesAtOnce', gatherAll, 'no')
  const desks = gather(limits.candidatesAtOnce + 1)
  desks[0]?.candidates.close()
  t.equal(desks.at(-1)?.sent.length, 1)
})

t.test('what one link gathers no other does meanwhile, and the next one once that has ended', async (t) => {
  const time = new VirtualTime()
  const book = new CandidateBook(() => time.now())
  const [one, other] = [deskOf(time, book), deskOf(time, book)]
  for (const { candidates } of [one, other]) candidates.offered([fakeScope(1)])
  t.strictSame([one.sent.length, other.sent.length], [1, 0])
  one.candidates.close()
  t.strictSame([one.sent.length, other.sent.length], [1, 1])
})

const register = (at: number, bytes: number): Register => ({
  scope: fakeScope(1),
  device: peer.id,
  key: `key ${at}`,
  hlc: { wallMs: 1, count: 0 },
  value: new Uint8Array(bytes),
  signature: new Uint8Array(64),
})

/** Whether the first of so many is taken, which came while their scope was a part only, once all of it is the peer's. */
async function isKept(some: readonly Register[]): Promise<boolean> {
  let part: 'roster' | 'all' = 'roster'
  const taken: Register[] = []
  const registers = {
    accept: (all: readonly Register[]) => {
      taken.push(...all)
      return Promise.resolve(all)
    },
  }
  const early = new EarlyRegisters({ device: peer.id, log: { partFor: () => part }, registers })
  await early.accept(some)
  t.strictSame(taken, [])
  part = 'all'
  await early.retry()
  await early.retry()
  t.equal(new Set(taken).size, taken.length)
  return some[0] !== undefined && taken.includes(some[0])
}

t.test('registers that come early wait, so many and so much of them on a link', async (t) => {
  await upTo(
    t,
    'earlyRegisters',
    async (count) => await isKept(Array.from({ length: count }, (_, at) => register(at, 1))),
    'no',
  )
  const half = limits.registerValueBytes
  const sized = (bytes: number): Register[] => [
    ...Array.from({ length: Math.floor(bytes / half) }, (_, at) => register(at, half)),
    register(1000, bytes % half),
  ]
  await upTo(t, 'earlyRegisterBytes', async (bytes) => await isKept(sized(bytes)), 'no')
})

t.test('what was none of the owner’s is not asked for again soon, of so many scopes', async (t) => {
  let nowMs = 1_000_000
  const refusing = (count: number): CandidateBook => {
    const book = new CandidateBook(() => nowMs)
    for (let at = 0; at < count; at += 1) book.refuse(peer.id, fakeScope(at))
    return book
  }
  await upTo(t, 'candidatesRefused', (count) => refusing(count).isRefused(peer.id, fakeScope(0)), 'no')
  const book = refusing(1)
  const isRefusedAfter = (ms: number): boolean => {
    nowMs = 1_000_000 + ms
    return book.isRefused(peer.id, fakeScope(0))
  }
  await boundary(
    t,
    'candidateAgainMs',
    () => isRefusedAfter(limits.candidateAgainMs - 1),
    () => isRefusedAfter(limits.candidateAgainMs),
    'no',
  )
})

t.test('so many devices of co-members are dialled, from whatever number of groups', async (t) => {
  const groups = new Map(
    Array.from({ length: 40 }, (_, group) => [
      groupOf(group),
      Array.from({ length: 8 }, (__, at) => deviceOf(`${group} ${at}`)),
    ]),
  )
  const chosen = new Neighbours(seededRandom(1)).choose(groups, () => false, false)
  await upTo(t, 'coMembersKept', (count) => new Set(chosen).size >= count, 'no')
  for (const [group, devices] of groups)
    t.ok(
      devices.some((each) => chosen.includes(each)),
      `one of ${group}`,
    )
})

/** What a device thinks of co-members that has so many links with some. */
const coMembers = (linked: number): CoMembers =>
  new CoMembers({
    logs: {
      personOf: (device: DeviceId) => personOf(device),
      personState: () => ({ devices: new Map() }) as never,
      previewPerson: () => ({ devices: new Map() }) as never,
      learnPerson: () => Promise.reject(new Error('not asked')),
      scopesChanged: () => {},
    },
    groups: { isCoMember: () => true, neighbours: () => new Map() } as never,
    self: { device: deviceOf('own'), person: personOf('own') },
    isContact: (person) => person === personOf(deviceOf('friend')),
    linked: () => Array.from({ length: linked }, (_, at) => deviceOf(`${at}`)),
    isAwaited: () => false,
    greet: () => Promise.resolve(),
    background: () => {},
    random: seededRandom(1),
  })

t.test(
  'links with co-members who are no contacts are so many; contacts do not count, nor those that were chosen',
  async (t) => {
    await boundary(
      t,
      'coMemberLinks',
      () => coMembers(limits.coMemberLinks - 1).wants(deviceOf('newcomer')),
      () => coMembers(limits.coMemberLinks).wants(deviceOf('newcomer')),
      'no',
    )
    t.ok(coMembers(limits.coMemberLinks).wants(deviceOf('friend')), 'a contact')
    t.ok(coMembers(limits.coMemberLinks).wants(deviceOf('3')), 'one that is linked')
  },
)

t.test('so many links into groups are followed', async (t) => {
  const store = await openMemoryStore(new MemoryDisk('joins'))
  const joins = new Joins({
    store,
    bus: new Bus(),
    groups: { belongs: () => false } as never,
    reach: { look: () => Promise.reject(new Error('nobody')), greet: () => Promise.resolve() },
    self: { person: personOf('own') } as never,
    keptChanged: () => {},
    background: () => {},
    now: () => 1,
    random: seededRandom(1),
  })
  const follow = async (number: number): Promise<unknown> => {
    const front = { conversation: groupOf(number), invite: entryIdOf(bytesOf('invite')), secret: bytesOf('secret') }
    return await joins.follow(encodeGroupLink({ ...front, expiresAt: 0, name: 'a', devices: [] }))
  }
  for (let at = 1; at < limits.joinsFollowed; at += 1) await follow(at)
  await boundary(
    t,
    'joinsFollowed',
    async () => await follow(limits.joinsFollowed),
    async () => await follow(limits.joinsFollowed + 1),
    'RATE_LIMITED',
  )
  await follow(1)
  await store.close()
})

/** Whether a question that nobody answers is over after so long. */
async function asking(ms: number): Promise<boolean> {
  const time = new VirtualTime()
  const tops = new Tops({ lacking: () => [] }, time)
  let isOver = false
  const ask = async (): Promise<void> => {
    await tops.gather(fakeScope(1), [peer.id], [{ device: peer.id, link: { send: () => {} } }])
    isOver = true
  }
  void ask()
  await time.pass(ms)
  return isOver
}

t.test('linked members are waited for so long who are asked what they hold', async (t) => {
  await boundary(
    t,
    'topsTimeoutMs',
    async () => await asking(limits.topsTimeoutMs),
    async () => await asking(limits.topsTimeoutMs - 1),
    'no',
  )
})
