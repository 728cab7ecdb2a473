/** What two people see while the disk of one fails: refusals by code, nothing acknowledged lost, and it goes on by itself. */

import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import type { Message, MessagePage } from '../../protocol/http-conversations.ts'
import type { Attachment } from '../../protocol/http-files.ts'
import { linked, type Daemon, type PairOfProcesses } from '../support/pair-of-processes.ts'

/** The code with which a post is refused; empty if it is taken. */
export const refusal = async ({ seat }: Daemon, chat: string, text: string): Promise<string> => {
  try {
    await seat.say(chat, text, text.slice(0, 40))
    return ''
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

const stateOf = async ({ seat }: Daemon, chat: string, text: string): Promise<Message['state'] | undefined> => {
  const { items } = await seat.client.ask<MessagePage>('GET', `/conversations/${chat}/messages?limit=50`)
  return items.find((each) => each.text === text)?.state
}

/** Adds a file that a full disk has no room for: its id, or the code with which it is refused. */
async function add({ seat }: Daemon, chat: string): Promise<string> {
  const bytes = randomBytes(300_000)
  const source = (async function* () {
    yield await Promise.resolve(bytes)
  })()
  try {
    return (await seat.client.upload<Attachment>(`/blobs?conversation=${chat}&name=a.bin&type=`, source, bytes.length))
      .id
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

/** Both show the same, which is all that was acknowledged, and alice's home opens again with all of it. */
export async function agree(
  t: Test,
  { alice, bob, chat }: PairOfProcesses,
  expected: readonly string[],
): Promise<void> {
  await bob.seat.hears(chat, expected.at(-1) ?? '')
  for (const { seat } of [alice, bob]) {
    const texts = await seat.until(async () => {
      const shown = await seat.texts(chat)
      return shown.length >= expected.length ? shown : undefined
    }, 'all is there')
    t.strictSame(texts, expected)
  }
  await alice.end()
  await alice.start()
  t.strictSame(await alice.seat.texts(chat), expected, 'after a restart, too')
}

/** What a fault does, and how it ends. */
export interface Fault {
  readonly code: string
  begin(): () => void
}

/** A fault that begins and ends under a running daemon. */
export async function bear(t: Test, pair: PairOfProcesses, fault: Fault): Promise<void> {
  const { alice, bob, chat } = pair
  await alice.seat.say(chat, 'before')
  await bob.seat.hears(chat, 'before')
  const end = fault.begin()
  // What fits into the room that the disk has still may be taken: a big one does not.
  const big = 'x'.repeat(60_000)
  t.equal(await refusal(alice, chat, big), fault.code)
  t.equal(await refusal(alice, chat, 'during'), fault.code, 'as long as it lasts')
  t.match(await add(alice, chat), /^STORE_/, 'a file neither')
  t.strictSame(await alice.seat.texts(chat), ['before'], 'reading goes on')
  await bob.seat.say(chat, 'from bob')
  t.equal(await stateOf(bob, chat, 'from bob'), 'stored', 'what alice could not store is not delivered')
  end()
  // One that joins an attempt to mend the store which began before there was room shares its end; the next begins another.
  if ((await refusal(alice, chat, 'after')) !== '') await alice.seat.say(chat, 'after')
  await linked(alice, bob)
  await alice.seat.hears(chat, 'from bob')
  await bob.seat.until(
    async () => ((await stateOf(bob, chat, 'from bob')) === 'delivered' ? true : undefined),
    'it is delivered',
  )
  t.match(await add(alice, chat), /^[a-z2-7]{52}$/, 'files are taken again')
  const texts = await alice.seat.texts(chat)
  t.strictSame(texts.filter((text) => text !== big).toSorted(), ['after', 'before', 'from bob'])
  // A write that failed may turn out to be there, whole: whoever was refused asks again with the same client id.
  t.ok(texts.filter((text) => text === big).length <= 1)
  await agree(t, pair, texts)
}
