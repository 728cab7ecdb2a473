import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { devicePrefix } from '../../../protocol/contact-link.ts'
import { publicBytes, signBytes, signingKeyFromSeed } from '../../../protocol/crypto.ts'
import { encodeGroupLink, readGroupLink } from '../../../protocol/group-link.ts'
import type { Hello } from '../../../protocol/hello.ts'
import type { ConversationId, PersonId } from '../../../protocol/ids.ts'
import { signConsent } from '../../../protocol/group-consent.ts'
import type { Join } from '../../../protocol/hello-groups.ts'
import { inviteMessage } from '../../../protocol/operation-proofs.ts'
import { limits } from '../../../protocol/limits.ts'
import { encodeCard, registerKeys } from '../../../protocol/register.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'
import { ownerOf } from '../../support/owner-of.ts'

const personOf = ({ rooms }: Device): PersonId => rooms.identity.person
const signal = new AbortController().signal

interface Scene extends World {
  readonly alice: Device
  readonly bob: Device
  readonly group: ConversationId
  /** A link by alice that names these devices. */
  invite(names: readonly Device[], options?: { uses?: number; expiresAt?: number }): Promise<string>
}

/** Alice's group, with bob in it. */
async function scene(t: Test): Promise<Scene> {
  const world = neighbourhood(t)
  const [alice, bob] = [await world.start('alice'), await world.start('bob')]
  await alice.befriend(bob, world.settle)
  const group = await alice.rooms.conversations.groups.create([['name', 'Garden']], [personOf(bob)])
  await world.settle()
  await bob.rooms.conversations.groups.accept(group)
  await world.settle()
  const invite: Scene['invite'] = async (names, { uses = 0, expiresAt = 0 } = {}) => {
    const secret = new Uint8Array(randomBytes(32))
    const inviteKey = publicBytes(signingKeyFromSeed(secret))
    const made = { inviteKey, role: 'member', uses, expiresAt, secret } as const
    const id = await alice.rooms.conversations.groups.invite(group, made)
    await world.settle()
    const devices = names.map((each) => ({ prefix: devicePrefix(each.id), addresses: [] }))
    return encodeGroupLink({ conversation: group, invite: id, secret, expiresAt, name: 'Garden', devices })
  }
  return { ...world, alice, bob, group, invite }
}

/** Follows a link that leads to `member`, and goes on until nothing more happens. */
async function follow({ place, settle }: World, joiner: Device, link: string, member: Device): Promise<void> {
  joiner.answerLook = () => member
  await joiner.rooms.joins.follow(link)
  await joiner.rooms.joins.round(signal)
  await settle()
  for (let round = 0; round < 2; round += 1) {
    place.greetAll()
    await settle()
  }
}

const wordsOf = async (device: Device, group: ConversationId): Promise<string[]> =>
  (await device.texts(group)).filter((text) => text !== '')

const members = ({ rooms }: Device, group: ConversationId): string[] =>
  rooms.conversations.ownGroups.members(group).map(({ person }) => person as string)

const stateOf = ({ rooms }: Device): string[] => rooms.joins.all().map(({ state }) => state)

t.test('who holds a link is let in by a member who did not make it, while its maker is off', async (t) => {
  const on = await scene(t)
  const { alice, bob, group, start, settle } = on
  const link = await on.invite([alice, bob])
  await alice.stop()
  const carol = await start('carol')
  await follow(on, carol, link, bob)
  t.strictSame(stateOf(carol), [])
  t.ok(carol.rooms.conversations.peers.access.belongs(group))
  await bob.say(group, 'hello carol')
  await settle()
  t.strictSame(await wordsOf(carol, group), ['hello carol'])
  await carol.say(group, 'hello bob')
  await settle()
  t.strictSame(await wordsOf(bob, group), ['hello carol', 'hello bob'])
  t.equal(carol.rooms.book.get(personOf(bob)), undefined, 'no contact comes of it')
  t.strictSame([carol.complaints, bob.complaints], [[], []])
})

t.test('a link that was taken back, used up or is over is told so to who holds it', async (t) => {
  const on = await scene(t)
  const { alice, bob, group, start, time, settle } = on
  const revoked = await on.invite([alice])
  await alice.rooms.conversations.groups.revoke(group, readGroupLink(revoked).invite)
  const dave = await start('dave')
  await follow(on, dave, revoked, alice)
  t.strictSame(stateOf(dave), ['not-valid'])

  const once = await on.invite([alice], { uses: 1 })
  const erin = await start('erin')
  await follow(on, erin, once, alice)
  t.strictSame(stateOf(erin), [])
  const frank = await start('frank')
  await follow(on, frank, once, alice)
  t.strictSame(stateOf(frank), ['not-valid'])

  const expiring = await on.invite([alice], { expiresAt: time.now() + 5000 })
  await settle(6000)
  const grace = await start('grace')
  // What the link itself says can be changed by who holds it: the invite counts.
  await follow(on, grace, encodeGroupLink({ ...readGroupLink(expiring), expiresAt: 0 }), alice)
  t.strictSame(stateOf(grace), ['expired'])
  await t.rejects(grace.rooms.joins.follow(expiring), { code: 'LINK_EXPIRED' })
  t.strictSame(members(bob, group).length, 3)
})

t.test('who left comes back by the link, and not by what they asked before', async (t) => {
  const on = await scene(t)
  const { alice, group, start, settle, place } = on
  const link = await on.invite([alice])
  const carol = await start('carol')
  carol.answerLook = () => alice
  await carol.rooms.joins.follow(link)
  const before = carol.sayHello(alice)
  await follow(on, carol, link, alice)
  await carol.rooms.conversations.groups.leave(group)
  await settle()
  const told = (): unknown => alice.sayHello(carol).answers
  alice.rooms.contacts.heard({ device: carol.id, privateAddress: true, inbound: true }, before)
  await settle()
  t.notOk(members(alice, group).includes(personOf(carol)), 'as she wished before she left')
  t.strictSame(told(), [])
  await settle(20_000)
  await follow(on, carol, link, alice)
  place.greetAll()
  await settle()
  t.ok(members(alice, group).includes(personOf(carol)))
  t.strictSame([stateOf(carol), alice.complaints], [[], []])
})

t.test('who was removed is told so, and not let in by a link', async (t) => {
  const on = await scene(t)
  const { alice, bob, group } = on
  const link = await on.invite([alice])
  const removing = alice.rooms.conversations.groups.remove(group, personOf(bob))
  await on.settle(3000)
  await removing
  await on.settle()
  t.notOk(bob.rooms.conversations.peers.access.belongs(group), 'told, over the link as a contact')
  await follow(on, bob, link, alice)
  t.strictSame(stateOf(bob), ['removed'])
})

t.test('a wrong proof, somebody else’s proof and an unknown group are answered alike: not at all', async (t) => {
  const on = await scene(t)
  const { alice, group, start, settle } = on
  const { invite, secret } = readGroupLink(await on.invite([alice]))
  const [carol, mallory] = [await start('carol'), await start('mallory')]
  const proofFor = (who: Device, seed: Uint8Array): Uint8Array =>
    signBytes(signingKeyFromSeed(seed), inviteMessage(invite, personOf(who)))
  const asks = async (changes: Partial<Hello>): Promise<Hello> => {
    const hello = { ...mallory.sayHello(alice), proof: await mallory.rooms.conversations.peers.proof(), ...changes }
    alice.rooms.contacts.heard({ device: mallory.id, privateAddress: true, inbound: true }, hello)
    await settle()
    return alice.sayHello(mallory)
  }
  /** As `who` would ask, from her own device. */
  const joinAs = (who: Device, device: Device, { of = group, seed = secret, askedAt = on.time.now() } = {}): Join => {
    const { signingKey } = device.rooms.identity
    const { signature } = signConsent({ group: of, invite, person: personOf(who) }, device.id, askedAt, signingKey)
    return { group: of, invite, proof: proofFor(who, seed), askedAt, signature }
  }
  const wrong = await asks({ joins: [joinAs(mallory, mallory, { seed: new Uint8Array(32).fill(7) })] })
  const unknown = await asks({ joins: [joinAs(mallory, mallory, { of: invite as never })] })
  const others = await asks({ joins: [joinAs(carol, carol)] })
  const copied = await asks({ joins: [{ ...joinAs(carol, carol), proof: proofFor(mallory, secret) }] })
  const stale = await asks({ joins: [joinAs(mallory, mallory, { askedAt: on.time.now() - limits.joinConsentMs - 1 })] })
  for (const each of [wrong, unknown, others, copied, stale]) t.strictSame([each.answers, each.shares], [[], false])
  // As carol, whose log is known to everybody who has it, but from another device.
  const person = personOf(carol)
  const proof = await carol.rooms.conversations.peers.proof()
  await asks({ person, proof, joins: [joinAs(carol, carol)] })
  await asks({ person, proof, joins: [joinAs(carol, mallory)] })
  t.strictSame(members(alice, group).length, 2)
})

t.test('who comes in is known by name at once, not with the next digest', async (t) => {
  const on = await scene(t)
  const { alice, group, start, settle } = on
  const link = await on.invite([alice])
  const carol = await start('carol')
  await ownerOf(carol).patchMe({ name: 'Carol' })
  carol.answerLook = () => alice
  await carol.rooms.joins.follow(link)
  await carol.rooms.joins.round(signal)
  await settle()
  t.ok(
    ownerOf(alice)
      .groups.members(group)
      .some(({ name }) => name === 'Carol'),
  )
})

t.test('what is said right after coming in is heard at once', async (t) => {
  const on = await scene(t)
  const { alice, group, start, settle } = on
  const link = await on.invite([alice])
  const carol = await start('carol')
  carol.answerLook = () => alice
  await carol.rooms.joins.follow(link)
  await carol.rooms.joins.round(signal)
  await settle()
  t.ok(carol.rooms.conversations.peers.access.belongs(group))
  await carol.say(group, 'hello')
  await settle(1000)
  t.strictSame(await wordsOf(alice, group), ['hello'])
})

t.test('who is let in by a link is known by name at once, not with the next digest', async (t) => {
  const on = await scene(t)
  const { alice, group, start } = on
  const link = await on.invite([alice])
  const carol = await start('carol')
  const card = encodeCard({ name: 'Carol', status: '', color: '#112233' })
  await carol.rooms.registers.set(personOf(carol), registerKeys.card, card)
  await follow(on, carol, link, alice)
  t.ok(carol.rooms.conversations.peers.access.belongs(group))
  t.strictSame(alice.rooms.registers.get(personOf(carol), carol.id, registerKeys.card)?.value, card)
})
