/** Exports written by hand, right and wrong: whose devices may have written, and what a checker believes of that. */

import { readFileSync } from 'node:fs'
import t from 'tap'
import { signBytes } from '../../protocol/crypto.ts'
import { checkSignature, signEntry, type Header, type SealedHeader } from '../../protocol/entry.ts'
import { openPayload, openPayloadAlone } from '../../protocol/epoch.ts'
import { authorsOf } from '../../protocol/export-authors.ts'
import type { ExportedEntry } from '../../protocol/export-format.ts'
import { directId, type PersonId } from '../../protocol/ids.ts'
import { counterMessage } from '../../protocol/operation-proofs.ts'
import { alice, bob, fill, mallory, PersonLog, type Actor } from './cast.ts'
import { cast, check, epochKey, Feed, linesOf, logOf, phone, verdictOn } from './export-cast.ts'

t.test('a payload opens with its own key, and with no other', async (t) => {
  const { alices, bobs } = cast()
  const feed = new Feed(directId(alices.person, bobs.person), alice, alices.person).say('one', 1).say('two', 2)
  const [one, two] = feed.entries.map(({ sealed, body }) => ({
    sealed,
    ...(body as { payload: Uint8Array; key: Uint8Array }),
  }))
  if (one === undefined || two === undefined) throw new Error('nothing was said')
  t.strictSame(openPayloadAlone(one.key, one.sealed, one.payload), openPayload(epochKey, one.sealed, one.payload))
  t.throws(() => openPayloadAlone(two.key, one.sealed, one.payload), { code: 'CANNOT_DECRYPT' })
  t.throws(() => openPayloadAlone(one.key, two.sealed, one.payload), { code: 'CANNOT_DECRYPT' })
  t.throws(() => openPayloadAlone(epochKey, one.sealed, one.payload), { code: 'CANNOT_DECRYPT' })
  t.throws(() => openPayloadAlone(one.key, one.sealed, one.payload.subarray(0, 31)), { code: 'CANNOT_DECRYPT' })
  t.throws(() => openPayloadAlone(one.key.subarray(1), one.sealed, one.payload), { code: 'BAD_SHAPE' })
})

t.test('all devices of a person speak for them, also one that was removed since', async (t) => {
  const { alices, bobs, document } = cast()
  const scope = directId(alices.person, bobs.person)
  alices.remove(alice, phone)
  const entries = [
    ...new Feed(scope, alice, alices.person).say('from the desk', 1).signed(),
    ...new Feed(scope, phone, alices.person).say('on the way', 2).signed(),
    ...new Feed(scope, bob, bobs.person).say('good', 3).signed(),
  ]
  t.match(check(linesOf(document(entries))), {
    persons: [
      { messages: 2, first: 1, last: 2, devices: [{ device: alice.device }, { device: phone.device }] },
      { messages: 1, first: 3, last: 3, devices: [{ device: bob.device }] },
    ],
    messages: 3,
    first: 1,
    last: 3,
  })
})

t.test('docs/export-example.json is what is written, byte for byte, and checks', async (t) => {
  const { alices, bobs, document } = cast()
  const scope = directId(alices.person, bobs.person)
  const entries = [
    ...new Feed(scope, alice, alices.person).say('Shall we meet at nine?', 1_800_000_000_000).signed(),
    ...new Feed(scope, bob, bobs.person).say('At ten. \u202e\u2028 "é" 🎉', 1_800_000_060_000).signed(),
    ...new Feed(scope, phone, alices.person).say('Fine!', 1_800_000_120_000).signed(),
  ]
  const lines = linesOf(document(entries))
  const written = readFileSync(new URL('../../docs/export-example.json', import.meta.url), 'utf8')
  t.equal(`${lines.join('\n')}\n`, written)
  t.match(check(written.split('\n').slice(0, -1)), { messages: 3, persons: [{ messages: 2 }, { messages: 1 }] })
})

t.test('nobody is made an author who did not agree to be', async (t) => {
  const { alices, bobs, document } = cast()
  const scope = directId(alices.person, bobs.person)
  const words = (by: Actor, from: PersonId): ExportedEntry[] => new Feed(scope, by, from).say('words', 1).signed()
  t.equal(verdictOn(linesOf(document(words(mallory, alices.person)))), 'NOT_A_MEMBER')
  t.equal(verdictOn(linesOf(document(words(bob, alices.person)))), 'BAD_HASH', 'another author than the log says')
  t.equal(
    verdictOn(linesOf(document(new Feed(scope, bob, bobs.person).say('words', 1).signed(mallory.key)))),
    'BAD_SIGNATURE',
  )

  alices.remove(alice, mallory)
  t.equal(verdictOn(linesOf(document(words(mallory, alices.person)))), 'NOT_A_MEMBER', 'a removal adds nobody')
  const counterSignature = signBytes(alice.key, counterMessage(alices.person, mallory.device))
  const record = { device: mallory.device, deviceClass: 'phone' } as const
  alices.post(alice, { kind: 'addDevice', heads: [], record, counterSignature, recovery: undefined })
  t.equal(verdictOn(linesOf(document(words(mallory, alices.person)))), 'NOT_A_MEMBER', 'nor one without its own word')

  const shared = new PersonLog(mallory, 3)
  shared.add(mallory, phone)
  const logs = new Map([alices, shared].map((log) => [log.person, log.operations]))
  t.throws(() => authorsOf(logs), { code: 'IDENTITY_MISMATCH' }, 'a device of two persons')
})

t.test('operations are each signed, of these persons, and stand there once', async (t) => {
  const { alices, bobs, document } = cast()
  const whole = document([])
  t.equal(verdictOn(linesOf(whole)), 'genuine')
  const others = new PersonLog(mallory, 3)
  t.equal(verdictOn(linesOf({ ...whole, operations: [...whole.operations, ...logOf(others)] })), 'NOT_A_MEMBER')
  const [first] = whole.operations
  if (first === undefined) throw new Error('no operation')
  t.equal(verdictOn(linesOf({ ...whole, operations: [...whole.operations, first] })), 'BAD_HASH')
  const [person, entry] = first
  const unsigned = [person, { ...entry, signature: signEntry(mallory.key, entry.sealed.id) }] as const
  t.equal(verdictOn(linesOf({ ...whole, operations: [unsigned, ...whole.operations.slice(1)] })), 'BAD_SIGNATURE')
  const changed = [person, { ...entry, payload: fill(1, entry.payload.length) }] as const
  t.equal(verdictOn(linesOf({ ...whole, operations: [changed, ...whole.operations.slice(1)] })), 'BAD_HASH')
  t.equal(verdictOn(linesOf({ ...whole, operations: logOf(bobs) })), 'IDENTITY_MISMATCH', 'an exporter without a log')
  t.equal(verdictOn(linesOf({ ...whole, by: bob })), 'IDENTITY_MISMATCH')
  t.equal(verdictOn(linesOf({ ...whole, persons: [alices.person, alices.person] })), 'BAD_SHAPE')
  const head = linesOf(whole)[0]?.replace(directId(alices.person, bobs.person), directId(alices.person, others.person))
  t.equal(verdictOn([head ?? '', ...linesOf(whole).slice(1)]), 'BAD_HASH', 'another conversation than theirs')
})

t.test('entries of other conversations, lanes and versions prove nothing here', async (t) => {
  const { alices, bobs, document } = cast()
  const scope = directId(alices.person, bobs.person)
  const elsewhere = directId(alices.person, new PersonLog(mallory, 3).person)
  const of = (where: typeof scope, change: Partial<Header> = {}): ExportedEntry[] =>
    new Feed(where, alice, alices.person).say('words', 1, change).signed()
  t.equal(verdictOn(linesOf(document(of(scope)))), 'genuine')
  t.equal(verdictOn(linesOf(document(of(elsewhere)))), 'NOT_A_MEMBER')
  t.equal(verdictOn(linesOf(document(of(scope, { version: 2 })))), 'BAD_HASH')
  t.equal(verdictOn(linesOf(document(of(scope, { lifetime: 60 })))), 'BAD_HASH')
  t.equal(verdictOn(linesOf(document(of(scope, { kind: 99 })))), 'BAD_HASH')
})

t.test(
  'an entry stands where it was written for; one that was dated back stands behind the one it continues',
  async (t) => {
    const { alices, bobs, document } = cast()
    const scope = directId(alices.person, bobs.person)
    const [one, back] = new Feed(scope, alice, alices.person).say('one', 50).say('dated back', 10).signed() as [
      ExportedEntry,
      ExportedEntry,
    ]
    const [early, late] = new Feed(scope, bob, bobs.person).say('early', 20).say('late', 60).signed() as [
      ExportedEntry,
      ExportedEntry,
    ]
    t.equal(verdictOn(linesOf(document([early, one, back, late]))), 'genuine')
    for (const wrong of [
      [one, early, back, late],
      [early, late, one, back],
      [early, one, late, back],
    ])
      t.equal(verdictOn(linesOf(document(wrong))), 'BAD_HASH')
    t.equal(verdictOn(linesOf(document([early, back, one, late]))), 'BAD_HASH', 'a feed is told in its own order')
    const sealed: SealedHeader = back.sealed
    t.doesNotThrow(() => checkSignature(sealed, back.signature ?? fill(0, 64)))
  },
)
