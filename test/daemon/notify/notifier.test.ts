/** When a browser is told of a message, and when it is left alone. */

import t, { type Test } from 'tap'
import { Bus } from '../../../daemon/bus.ts'
import { Notifier, pauseMs, type SendOutcome } from '../../../daemon/notify/notifier.ts'
import { Subscriptions } from '../../../daemon/notify/subscriptions.ts'
import { MemoryDisk } from '../../../daemon/store/memory-disk.ts'
import { openMemoryStore } from '../../../daemon/store/memory-store.ts'
import type { Conversation, Message } from '../../../protocol/http-conversations.ts'
import type { PushPayload } from '../../../protocol/http-push.ts'
import { WarrenError } from '../../../protocol/errors.ts'
import { conversationIdOf, type ConversationId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { boundary } from '../../limits/boundary.ts'
import { bytesOf } from '../../support/fake-ids.ts'
import { VirtualTime } from '../../support/virtual-time.ts'
import { subscriptionOf } from './subscription-of.ts'

interface Sent {
  readonly session: string
  readonly payload: PushPayload
  readonly at: number
}

/** An owner's conversations, the browsers that are told of them, and what they were told. */
class Desk {
  readonly bus = new Bus()
  readonly time = new VirtualTime()
  readonly conversations = new Map<ConversationId, Conversation>()
  readonly sent: Sent[] = []
  /** Newest first. */
  readonly said = new Map<ConversationId, Message[]>()
  readonly lookedAt = new Set<string>()
  /** What the push service answers next; `sent` when there is no more. */
  readonly answers: SendOutcome[] = []
  readonly subscriptions: Subscriptions
  readonly notifier: Notifier

  constructor(subscriptions: Subscriptions) {
    this.subscriptions = subscriptions
    this.notifier = new Notifier({
      bus: this.bus,
      log: () => undefined,
      timers: this.time,
      subscriptions,
      conversation: (id) => {
        const found = this.conversations.get(id)
        if (found === undefined) throw new WarrenError('NOT_FOUND', 'gone')
        return found
      },
      newest: async (id) => this.said.get(id) ?? [],
      isLookedAt: (id) => this.lookedAt.has(id),
      send: async ({ session }, payload) => {
        this.sent.push({ session, payload, at: this.time.now() })
        return this.answers.shift() ?? { is: 'sent' }
      },
    })
  }

  /** Somebody wrote; `change` is what else holds of the conversation. */
  write(
    name: string,
    text: string,
    change: Partial<Conversation> = {},
    message: Partial<Message> = {},
  ): ConversationId {
    const id = conversationIdOf(bytesOf(name))
    const before = this.conversations.get(id)
    const order = String(Number(before?.last?.order ?? 1000) + 1)
    const last = {
      order,
      text,
      at: this.time.now(),
      mine: false,
      from: { id: 'p', name: 'Bob' },
      ...message,
    } as Message
    this.said.set(id, [last, ...(this.said.get(id) ?? [])])
    const fresh = {
      id,
      readUpTo: '',
      kind: 'direct',
      title: name,
      muted: false,
      unread: (before?.unread ?? 0) + 1,
      last,
    }
    this.conversations.set(id, { ...before, ...fresh, ...change } as Conversation)
    this.bus.publish({ type: 'message', conversation: id, order })
    return id
  }

  read(id: ConversationId): void {
    const before = this.conversations.get(id) as Conversation
    this.conversations.set(id, { ...before, unread: 0, readUpTo: before.last?.order ?? '' })
    this.bus.publish({ type: 'conversation', conversation: id })
  }

  get words(): unknown[] {
    return this.sent.map(({ payload }) => (payload.type === 'read' ? 'read' : `${payload.title}: ${payload.body}`))
  }
}

async function desk(t: Test, ...hosts: string[]): Promise<Desk> {
  const subscriptions = await Subscriptions.open(await openMemoryStore(new MemoryDisk('notify')))
  for (const [at, host] of (hosts.length === 0 ? ['push.example'] : hosts).entries())
    await subscriptions.put(subscriptionOf(`session ${at}`, { endpoint: `https://${host}/${at}` }))
  const made = new Desk(subscriptions)
  t.teardown(() => made.notifier.close())
  return made
}

t.test('one word for each conversation, the newest, and all that came at once in one', async (t) => {
  const own = await desk(t)
  own.write('Bob', 'one')
  own.write('Bob', 'two')
  own.write('Carol', 'hello')
  await own.time.pass(1000)
  t.strictSame(new Set(own.words), new Set(['Bob: two', 'Carol: hello']))
  own.write('Bob', 'three')
  await own.time.pass(1000)
  t.equal(own.sent.length, 2, 'a pause between two of one conversation')
  own.write('Bob', 'four')
  await own.time.pass(pauseMs)
  t.strictSame(own.words.slice(2), ['Bob: four'])
  t.ok((own.sent[2]?.at ?? 0) - (own.sent[0]?.at ?? 0) >= pauseMs)
})

t.test('nothing is told of what is muted, one’s own, read at once, on a screen, or no message', async (t) => {
  const own = await desk(t)
  own.write('Muted', 'x', { muted: true })
  own.write('Own', 'x', {}, { mine: true })
  own.write('Notice', '', {}, { notice: {} as Message['notice'] & object })
  own.lookedAt.add(own.write('Open', 'x'))
  own.read(own.write('Read', 'x'))
  const gone = own.write('Gone', 'x')
  own.conversations.delete(gone)
  await own.time.pass(10_000)
  t.strictSame(own.words, [])
})

t.test('what the blocked, the shut out and notices say is passed over, and hides nobody’s words', async (t) => {
  const own = await desk(t)
  const group = { kind: 'group' } as const
  own.write('Book club', 'hello', group)
  own.write('Book club', 'insult', { ...group, unread: 1 }, { fromBlocked: true, from: { id: 'm', name: 'Mallory' } })
  own.write('Book club', 'late', { ...group, unread: 1 }, { outside: true })
  own.write('Book club', '', { ...group, unread: 1 }, { notice: {} as Message['notice'] & object })
  await own.time.pass(1000)
  t.strictSame(own.words, ['Book club: Bob: hello'])
  own.write('Book club', 'insult', { ...group, unread: 1 }, { fromBlocked: true, from: { id: 'm', name: 'Mallory' } })
  await own.time.pass(10_000)
  t.equal(own.sent.length, 1)
})

t.test('without previews nobody is named, in the language of the browser', async (t) => {
  const own = await desk(t)
  await own.subscriptions.setPreviews(false)
  await own.subscriptions.put(subscriptionOf('session 0', { language: 'de' }))
  own.write('Bob', 'secret')
  await own.time.pass(1000)
  t.strictSame(own.words, ['Warren: Neue Nachricht'])
})

t.test('a group names who wrote; a long text is cut between characters', async (t) => {
  const own = await desk(t)
  own.write('Book club', `${'x'.repeat(233)}🐇🐇🐇🐇`, { kind: 'group' })
  await own.time.pass(1000)
  const [word] = own.words as string[]
  t.match(word, /^Book club: Bob: x{233}/)
  t.ok((word ?? '').isWellFormed())
  t.ok(word?.endsWith('…'))
})

t.test('what is read elsewhere is taken away again, but not where each push must show something', async (t) => {
  const own = await desk(t, 'push.example', 'web.push.apple.com')
  const bob = own.write('Bob', 'one')
  await own.time.pass(1000)
  t.equal(own.sent.length, 2)
  own.read(bob)
  own.read(bob)
  await own.time.pass(1000)
  t.strictSame(
    own.sent.slice(2).map(({ session, payload }) => [session, payload.type]),
    [['session 0', 'read']],
  )
})

t.test('a push service that says later is asked again, some times; one that says gone never', async (t) => {
  const own = await desk(t)
  own.answers.push({ is: 'later', afterMs: 5000 }, { is: 'later', afterMs: 10 ** 12 })
  own.write('Bob', 'one')
  await own.time.pass(1000)
  t.equal(own.sent.length, 1)
  await own.time.pass(5000)
  t.equal(own.sent.length, 2)
  await own.time.pass(limits.pushRetryMostMs)
  t.equal(own.sent.length, 3, 'however long it says')
  own.answers.push(...Array.from({ length: 9 }, () => ({ is: 'later', afterMs: 1000 }) as const))
  own.write('Carol', 'one')
  await own.time.pass(60_000)
  t.equal(own.sent.length, 7, 'four times, and then no more')
  own.answers.splice(0, own.answers.length, { is: 'gone' })
  own.write('Dora', 'one')
  await own.time.pass(1000)
  t.strictSame(own.subscriptions.list(), [])
  own.write('Eve', 'one')
  await own.time.pass(1000)
  t.equal(own.sent.length, 8)
})

t.test('while one push is on its way the newest of each conversation waits, and it is told once more', async (t) => {
  const own = await desk(t)
  own.answers.push({ is: 'later', afterMs: 60_000 })
  own.write('Bob', 'one')
  await own.time.pass(1000)
  own.write('Bob', 'two')
  own.write('Bob', 'three')
  await own.time.pass(pauseMs)
  own.write('Bob', 'four')
  await own.time.pass(120_000)
  t.strictSame(own.words, ['Bob: one', 'Bob: four'])
})

t.test('what waits of a conversation that is deleted is not told, nor what was read already', async (t) => {
  const own = await desk(t)
  own.answers.push({ is: 'later', afterMs: 60_000 })
  own.write('Bob', 'one')
  await own.time.pass(1000)
  const carol = own.write('Carol', 'one')
  await own.time.pass(1000)
  own.conversations.delete(carol)
  own.bus.publish({ type: 'conversation-gone', conversation: carol })
  // A word that counts as unread though the newest that could be told is not.
  own.write('Dora', 'one', { readUpTo: '9999' })
  await own.time.pass(120_000)
  t.strictSame(own.words, ['Bob: one', 'Bob: one'])
})

t.test('limits: conversations that wait to be told of, and how long a push service may keep us waiting', async (t) => {
  const told = async (count: number): Promise<number> => {
    const own = await desk(t)
    own.answers.push({ is: 'later', afterMs: 1000 })
    for (let at = 0; at < count; at += 1) own.write(`Person ${at}`, 'hello')
    await own.time.pass(60_000)
    return new Set(own.sent.map(({ payload }) => payload.conversation)).size
  }
  const { notifiedConversations, pushRetryMostMs } = limits
  const all = async (count: number): Promise<boolean> => (await told(count)) === count
  await boundary(
    t,
    'notifiedConversations',
    async () => await all(limits.notifiedConversations),
    async () => await all(notifiedConversations + 2), // the first is on its way already
    'no',
  )
  const waits = async (afterMs: number): Promise<boolean> => {
    const own = await desk(t)
    own.answers.push({ is: 'later', afterMs })
    own.write('Bob', 'one')
    await own.time.pass(afterMs * 2)
    const [first, second] = own.sent
    return second !== undefined && first !== undefined && second.at - first.at >= afterMs
  }
  await boundary(
    t,
    'pushRetryMostMs',
    async () => await waits(limits.pushRetryMostMs),
    async () => await waits(pushRetryMostMs + 1000),
    'no',
  )
})
