/** Contacts that come and go, between real daemons on real sockets: ended, asked again, declined, told while away. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startDaemon } from '../../daemon/daemon.ts'
import type { RunningDaemon } from '../../daemon/options.ts'
import type { Contact } from '../../protocol/http-people.ts'
import type { Message } from '../../protocol/http-conversations.ts'
import { ownPort } from '../support/own-port.ts'
import { Seat } from '../support/seat.ts'

t.setTimeout(240_000)

/** A person of the story, whose daemon may stop and come back. */
class Person {
  readonly seat: Seat
  readonly #name: string
  #daemon: RunningDaemon | undefined
  #port = 0

  constructor(folder: string, name: string) {
    this.#name = name
    this.seat = new Seat(join(folder, name))
  }

  async start(): Promise<void> {
    this.#daemon = await startDaemon({
      home: this.seat.home,
      name: this.#name,
      apiPort: 0,
      peerPort: (this.#port ||= await ownPort()),
      listen: ['127.0.0.1'],
      mdns: false,
      announceLoopback: true,
      ui: join(this.seat.home, 'no-ui'),
      logLevel: 'error',
      version: '0.0.0',
    })
    this.seat.follow()
  }

  async stop(): Promise<void> {
    this.seat.unfollow()
    await this.#daemon?.close()
    this.#daemon = undefined
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`
  }

  async answer(state: 'accepted' | 'declined', note?: string): Promise<void> {
    const asking = await this.seat.until(
      async () =>
        (await this.seat.contacts()).find((each) => each.state === 'incoming' && (note ?? each.note) === each.note),
      'a request',
    )
    await this.seat.client.ask('PATCH', `/contacts/${asking.id}`, { state })
  }

  async askAgain(note: string): Promise<void> {
    const [contact] = await this.seat.contacts()
    await this.seat.client.ask('POST', '/contacts', { contactId: contact?.id, note })
  }

  async remove(): Promise<void> {
    const [contact] = await this.seat.contacts()
    await this.seat.client.ask('DELETE', `/contacts/${contact?.id ?? ''}`)
  }

  async say(text: string): Promise<Message> {
    const { id } = await this.seat.direct()
    return await this.seat.client.ask('POST', `/conversations/${id}/messages`, { text, clientId: text })
  }
}

/** Alice and Bob, who are contacts and have said something. */
async function friends(t: Test): Promise<{ alice: Person; bob: Person; texts: string[]; id: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'warren-'))
  const [alice, bob] = [new Person(folder, 'alice'), new Person(folder, 'bob')]
  t.teardown(async () => {
    await Promise.all([alice.stop(), bob.stop()])
    rmSync(folder, { recursive: true, force: true })
  })
  await Promise.all([alice.start(), bob.start()])
  const { deviceId } = await alice.seat.look(bob.address)
  await alice.seat.client.ask('POST', '/contacts', { deviceId })
  await bob.answer('accepted')
  await Promise.all([alice.seat.contact('accepted', true), bob.seat.contact('accepted', true)])
  const { id } = await alice.seat.direct()
  await alice.say('before')
  await bob.seat.hears(id, 'before')
  return { alice, bob, texts: ['before'], id }
}

t.test('a contact ends and begins anew, and the conversation goes on', async (t) => {
  const { alice, bob, texts, id } = await friends(t)
  await bob.remove()
  await alice.seat.contact('ended', false)
  t.strictSame(await alice.seat.texts(id), texts)
  await t.rejects(alice.say('do you hear me?'), { code: 'NOT_ALLOWED' })
  await alice.askAgain('what happened?')
  await bob.answer('declined', 'what happened?')
  await alice.seat.until(
    async () => (await alice.seat.contacts()).find((each) => each.state === 'outgoing' && each.declined),
    'a no that is seen',
  )
  await alice.askAgain('please')
  const again = await bob.seat.until(
    async () => (await bob.seat.contacts()).find((each: Contact) => each.askedAgain),
    'a second request among the declined ones',
  )
  t.equal(again.state, 'declined', 'not shown as a new one on the same day')
  await bob.seat.client.ask('PATCH', `/contacts/${again.id}`, { state: 'accepted' })
  await Promise.all([alice.seat.contact('accepted', true), bob.seat.contact('accepted', true)])
  await bob.say('after')
  await alice.seat.hears(id, 'after')
  t.strictSame(await alice.seat.texts(id), [...texts, 'after'])
})

t.test('removed while away: told on return, and asked again by the one who ended it', async (t) => {
  const { alice, bob, texts, id } = await friends(t)
  await alice.stop()
  await bob.seat.contact('accepted', false)
  await bob.remove()
  await bob.seat.contact('removed')
  await alice.start()
  await alice.seat.contact('ended')
  await bob.askAgain('my mistake')
  await alice.answer('accepted', 'my mistake')
  await Promise.all([alice.seat.contact('accepted', true), bob.seat.contact('accepted', true)])
  await alice.say('fine')
  await bob.seat.hears(id, 'fine')
  t.strictSame(await bob.seat.texts(id), [...texts, 'fine'])
})

t.test('both end it at once, and both ask at once', async (t) => {
  const { alice, bob, id } = await friends(t)
  await Promise.all([alice.remove(), bob.remove()])
  await alice.seat.until(
    async () => (await alice.seat.contacts()).find(({ state }) => state === 'removed' || state === 'ended'),
    'an end',
  )
  await Promise.all([alice.askAgain(''), bob.askAgain('')])
  for (const each of [alice, bob]) {
    // Whoever hears of the other's question first may have to say yes to it.
    await each.seat.until(async () => {
      const [contact] = await each.seat.contacts()
      if (contact?.state === 'incoming')
        await each.seat.client.ask('PATCH', `/contacts/${contact.id}`, { state: 'accepted' })
      return contact?.state === 'accepted' || contact?.state === 'incoming' ? true : undefined
    }, 'an answer or a question')
  }
  await Promise.all([alice.seat.contact('accepted', true), bob.seat.contact('accepted', true)])
  await alice.say('hello again')
  await bob.seat.hears(id, 'hello again')
  t.pass('and they talk as before')
})
