/** Groups as they are saved: judged again by whoever checks, with what is outside marked as such. */

import t from 'tap'
import type { CutOff } from '../../../protocol/operation.ts'
import { limits } from '../../../protocol/limits.ts'
import { asHtml, asJson, checked, entriesOf, exported, textsOf, verdictOn } from '../../support/exported.ts'
import { handGroup, type HandGroup } from '../../support/group-hand.ts'
import type { Written } from '../../support/pen.ts'
import { three } from '../../support/three.ts'

t.setTimeout(240_000)

const endAt = ({ sealed }: Written): CutOff => ({
  device: sealed.header.device,
  generation: sealed.header.generation,
  last: sealed.id,
})

t.test('a group is one document: who belongs is judged by its operations, on every side alike', async (t) => {
  const { alice, bob, carol, group, settle, place } = await three(t)
  await alice.say(group, 'from alice')
  await settle()
  await bob.say(group, 'from bob')
  await settle()
  await carol.say(group, 'from carol')
  await settle(5000)
  const removing = alice.rooms.conversations.groups.remove(group, carol.rooms.identity.person)
  await settle(5000)
  await removing
  await alice.say(group, 'without carol')
  await settle(5000)
  const names = new Map([alice, bob, carol].map((each) => [each.rooms.identity.person as string, each.name]))
  const nameOf = (person: string): string => names.get(person) ?? ''
  for (const device of [alice, bob]) {
    const text = await exported(device, group, asJson, nameOf)
    t.strictSame(
      textsOf(text),
      (await device.messages(group)).flatMap(({ notice, text: said }) => (notice === undefined ? said : [])),
    )
    const report = await checked(text, 1001)
    t.match(report, { messages: 4, entries: 4, outside: 0, conversation: { id: group, kind: 'group' } })
    t.match(report.group, { name: 'Three', closed: false })
    const members = report.group?.members.map(
      ({ person, role, state }) => [names.get(person), `${role} ${state}`] as const,
    )
    t.strictSame(
      new Map(members),
      new Map([
        ['alice', 'owner joined'],
        ['bob', 'member joined'],
      ]),
    )
    t.equal(report.made.by, device.rooms.identity.person)
    t.strictSame(
      new Map(report.persons.map(({ name, messages }) => [name, messages])),
      new Map([
        ['alice', 2],
        ['bob', 1],
        ['carol', 1],
      ]),
      'who was removed has said what they said',
    )
  }
  const page = await exported(alice, group, asHtml, nameOf)
  t.match(page, /<title>Group \u2068Three\u2069<\/title>/)
  t.match(page, /2 members: \u2068alice\u2069, \u2068bob\u2069\./)
  t.match(page, /\u2068alice\u2069 created the group\./)
  t.match(page, /\u2068bob\u2069 joined\./)
  t.ok(page.indexOf('removed \u2068carol\u2069') > page.indexOf('from carol'))
  t.ok(page.indexOf('removed \u2068carol\u2069') < page.indexOf('without carol'))
  t.match(page, /4 messages\. End of the conversation/)
  t.notMatch(page, /class="outside"/)
  const german = await exported(alice, group, { format: 'html', language: 'de' }, nameOf)
  t.match(german, /Gruppe \u2068Three\u2069/)
  t.match(german, /\u2068alice\u2069 hat \u2068carol\u2069 entfernt\./)
  place.part(alice, carol)
})

/** Alice holds five of Bob's, of whom Carol says that they end at the third; none of them can be read. */
async function ended(t: Parameters<typeof handGroup>[0]): Promise<HandGroup & { written: Written[] }> {
  const world = await handGroup(t)
  const { alice, group, bobs, carols } = world
  await alice.rooms.conversations.groups.setRole(group, carols.person, 'owner')
  const written = bobs.messages.writeMany(5)
  await bobs.post(written)
  await carols.say({ kind: 'remove', person: bobs.person, cutOffs: [endAt(written[2] as Written)] })
  return { ...world, written }
}

const isOutside = (line: object): boolean => 'outside' in line
const wrong = (line: string): string => line.replace('"outside":true,', '')
const inside = (line: string): boolean => line.includes('"seq":3,')
const mark = (line: string): string => line.replace(/("at":\d+)/, '$1,"outside":true')

t.test('what is outside is marked, and no lie about that is believed', async (t) => {
  const { alice, group } = await ended(t)
  await alice.say(group, 'inside')
  const text = await exported(alice, group)
  t.equal(entriesOf(text).filter(isOutside).length, 2)
  t.match(await checked(text), { entries: 6, messages: 1, outside: 2, bare: { unreadable: 3 } })
  const lines = text.split('\n')
  const change = (which: (line: string) => boolean, to: (line: string) => string): string =>
    lines.map((line) => (which(line) ? to(line) : line)).join('\n')
  const outside = lines.filter((line) => line.includes('"outside":true'))
  t.equal(await verdictOn(change((line) => line === outside[0], wrong)), 'BAD_HASH', 'one in the middle')
  t.equal(await verdictOn(change((line) => line === outside[1], wrong)), 'BAD_HASH', 'the last')
  t.equal(await verdictOn(change((line) => outside.includes(line), wrong)), 'BAD_HASH', 'all of them')
  t.equal(await verdictOn(change(inside, mark)), 'BAD_HASH', 'one that counts')
  const removal = lines.findLastIndex((line) => line.includes('"group":'))
  const without = lines.toSpliced(removal, 1).join('\n')
  t.equal(await verdictOn(without), 'BAD_HASH', 'nothing says any more that they end')
  const first = lines.findIndex((line) => line.includes('"group":'))
  t.equal(await verdictOn(lines.toSpliced(first, 1).join('\n')), 'BAD_HASH', 'nothing makes the group')
  const other = lines[first]?.replace('"group":', '"person":') ?? ''
  t.equal(await verdictOn(lines.with(first, other).join('\n')), 'BAD_HASH')
  t.equal(await verdictOn(text.replace('"kind":"group"', '"kind":"direct"')), 'BAD_SHAPE')
  t.equal(await verdictOn(text.replace('"version":2', '"version":1')), 'UNSUPPORTED_VERSION')

  const page = await exported(alice, group, asHtml)
  const [said = '', apart = ''] = page.split('<section class="outside">')
  t.equal(said.match(/<article/g)?.length, 4)
  t.equal(apart.match(/<article/g)?.length, 2)
  t.match(apart, /is no part of the conversation/)
  t.match(page, /1 message\. End/)
})

t.test('an end that its author did not sign is proven by the headers above it', async (t) => {
  const { alice, carol, group, bobs, carols } = await handGroup(t)
  await alice.rooms.conversations.groups.setRole(group, carols.person, 'owner')
  const written = bobs.messages.writeMany(6)
  await bobs.post(written.slice(0, 2))
  await carols.say({ kind: 'remove', person: bobs.person, cutOffs: [endAt(written[3] as Written)] })
  const { peers } = alice.rooms.conversations
  await peers.accept(group, [bobs.messages.run(written.slice(2))], carol.id)
  const text = await exported(alice, group)
  t.strictSame(
    entriesOf(text).map(({ is, seq }) => [is, seq]),
    [...[1, 2, 3, 4].map((seq) => ['unreadable', seq]), ['above', undefined]],
  )
  t.match(await checked(text), { entries: 4, outside: 0, gaps: { unproven: 0 } })
  const lines = text.split('\n')
  const at = lines.findIndex((line) => line.includes('"is":"above"'))
  t.equal(await verdictOn(lines.toSpliced(at, 1).join('\n')), 'BAD_SIGNATURE', 'nothing vouches for the end')
  const line = lines[at] ?? ''
  t.equal(
    await verdictOn(
      lines
        .toSpliced(at, 1)
        .toSpliced(at - 1, 0, line)
        .join('\n'),
    ),
    'BAD_HASH',
    'elsewhere',
  )
  const [one = ''] = /"headers":\["[^"]+",/.exec(line) ?? []
  t.equal(await verdictOn(lines.with(at, line.replace(one, '"headers":[')).join('\n')), 'BAD_SIGNATURE')
  t.equal(await verdictOn(lines.with(at, line.replace(/"headers":\[[^\]]*\]/, '"headers":[]')).join('\n')), 'BAD_SHAPE')
})

t.test('what came before the owner is not presented, and whom they blocked is hidden on the page', async (t) => {
  const { alice, bob, group, settle, start, place } = await three(t, 'joining')
  await alice.say(group, 'early')
  await settle()
  const dave = await start('dave')
  await alice.befriend(dave, settle)
  const { groups } = alice.rooms.conversations
  await groups.add(group, dave.rooms.identity.person, 'member')
  await settle()
  await dave.rooms.conversations.groups.accept(group)
  await settle()
  await alice.say(group, 'late')
  await bob.say(group, 'also late')
  await settle(5000)
  const text = await exported(dave, group)
  t.notMatch(text, /early/)
  t.match(await checked(text), { messages: 2, bare: { unreadable: 1 } })
  t.match(await exported(dave, group, asHtml), /1 message from before you joined is not for you to read/)
  await alice.rooms.contacts.block(bob.rooms.identity.person)
  const page = await exported(alice, group, asHtml)
  t.match(page, /Hidden: you blocked them\./)
  t.notMatch(page, /also late/)
  t.match(await exported(alice, group), /also late/, 'what can be checked is whole')
  place.part(alice, dave)
  t.ok(limits.exportPersons >= 2 * limits.groupMembers)
})
