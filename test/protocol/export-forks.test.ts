/** Forks in an export: an accusation that stands only on what the accused device signed. */

import t from 'tap'
import { kinds, lanes, signEntry, type Header, type SealedHeader } from '../../protocol/entry.ts'
import {
  entriesBegin,
  forkLine,
  gapLine,
  itemLine,
  type ExportedEntry,
  type FeedName,
} from '../../protocol/export-format.ts'
import { directId } from '../../protocol/ids.ts'
import { alice, bob, epoch, generation, mallory, type Actor } from './cast.ts'
import { cast, check, Feed, linesOf, verdictOn } from './export-cast.ts'

/** A document with one more line, behind so many entries. */
const withLine = (lines: readonly string[], behind: number, line: string): string[] => {
  const at = lines.indexOf(entriesBegin) + 1 + behind
  const after = lines[at] ?? ''
  const next = behind === 0 && after.startsWith('{') ? `,${after}` : after
  return [...lines.slice(0, at), itemLine(line, behind === 0), next, ...lines.slice(at + 1)]
}

/** Bob has written three entries, and elsewhere two others behind the first. */
function forked() {
  const { alices, bobs, document } = cast()
  const scope = directId(alices.person, bobs.person)
  const feed = (): Feed => new Feed(scope, bob, bobs.person).say('one', 1)
  const entries = feed().say('two', 2).say('three', 3).signed()
  const others = feed()
    .say('other two', 12)
    .say('other three', 13)
    .say('other four', 14)
    .entries.map(({ sealed }) => sealed)
  const proof = (top: number, low: number, by = bob) => {
    const headers = others.slice(low - 1, top).toReversed()
    return { headers, signature: signEntry(by.key, others[top - 1]?.id ?? ('' as SealedHeader['id'])) }
  }
  return { alices, bobs, scope, lines: linesOf(document(entries)), entries, proof, document }
}

const feedOfBob: FeedName = { device: bob.device, generation }

t.test('a fork is proven by what its device signed in another history', async (t) => {
  const { lines, proof } = forked()
  for (const [behind, top, low] of [
    [2, 2, 2],
    [2, 3, 2],
    [2, 4, 3],
    [3, 3, 3],
    [3, 2, 2],
    [3, 4, 4],
    [3, 4, 3],
  ] as const) {
    const report = check(withLine(lines, behind, forkLine(feedOfBob, behind, proof(top, low))))
    t.match(report, { messages: 3, forks: { proven: 1, unproven: 0 } }, `${behind} ${top} ${low}`)
    t.match(report.persons[1]?.devices, [{ device: bob.device, forks: 1 }])
  }
})

t.test('nobody is said to have forked whose device did not sign two histories', async (t) => {
  const { alices, scope, lines, entries, proof, document } = forked()
  const word = check(withLine(lines, 3, forkLine(feedOfBob, 3)))
  t.match(word, { forks: { proven: 0, unproven: 1 }, persons: [{}, { devices: [{ forks: 0 }] }] })
  const verdict = (behind: number, line: string): string => verdictOn(withLine(lines, behind, line))
  const told = (behind: number, given: Parameters<typeof forkLine>[2]): string =>
    verdict(behind, forkLine(feedOfBob, behind, given))
  t.equal(told(2, undefined), 'BAD_HASH', 'an unproven one ends its feed')
  t.equal(told(3, proof(3, 3, mallory)), 'BAD_SIGNATURE')
  t.equal(told(3, { ...proof(3, 3), headers: [] }), 'BAD_SHAPE')
  t.equal(told(3, { ...proof(4, 2), headers: proof(4, 2).headers.toSpliced(1, 1) }), 'BAD_HASH', 'a hole in it')
  t.equal(told(1, proof(1, 1)), 'BAD_HASH', 'both have it')
  t.equal(told(1, proof(2, 2)), 'BAD_HASH', 'both go on from it')
  t.equal(told(2, proof(1, 1)), 'BAD_HASH', 'both lie on it')
  t.equal(told(1, proof(3, 3)), 'BAD_HASH', 'too far away to say')
  t.equal(told(0, proof(2, 2)), 'BAD_HASH', 'nothing is here that it contradicts')
  t.equal(verdict(3, forkLine(feedOfBob, 2, proof(2, 2))), 'BAD_HASH', 'not at its place')
  const signed = entries.map(({ sealed }) => sealed)
  const signature = signEntry(bob.key, signed[2]?.id ?? ('' as SealedHeader['id']))
  t.equal(told(2, { headers: signed.slice(2), signature }), 'BAD_HASH', 'what stands in it all the same')

  const twice = withLine(lines, 3, forkLine(feedOfBob, 3, proof(3, 3)))
  t.equal(verdictOn(withLine(twice, 4, forkLine(feedOfBob, 3, proof(3, 3)))), 'BAD_HASH')
  t.equal(verdictOn(withLine(twice, 4, forkLine(feedOfBob, 3))), 'BAD_HASH')

  const one = (by: Actor, change: Partial<Header> = {}) => {
    const { sealed } = new Feed(scope, by, alices.person).say('elsewhere', 1, change).entries[0] as ExportedEntry
    return { headers: [sealed], signature: signEntry(by.key, sealed.id) }
  }
  t.equal(told(1, one(bob)), 'genuine')
  t.equal(told(1, one(alice)), 'BAD_HASH', 'another device')
  t.equal(told(1, one(mallory)), 'NOT_A_MEMBER')
  t.equal(told(1, one(bob, { generation: epoch.slice(0, 13) as typeof generation })), 'BAD_HASH', 'another feed')
  t.equal(told(1, one(bob, { scope: alices.person })), 'NOT_A_MEMBER', 'another conversation')
  t.equal(told(1, one(bob, { lane: lanes.roster, epoch: undefined, kind: kinds.add })), 'NOT_A_MEMBER')

  const nobody: FeedName = { device: mallory.device, generation }
  t.equal(verdict(3, forkLine(nobody, 0)), 'NOT_A_MEMBER')
  for (const why of ['deleted', 'missing'] as const)
    t.equal(verdict(3, gapLine(nobody, 1, 5000, why)), 'NOT_A_MEMBER', why)
  t.match(check(withLine(linesOf(document([])), 0, gapLine(nobody, 1, 2, 'unproven'))), { gaps: { unproven: 2 } })
})

t.test('every changed character of a fork is found', async (t) => {
  const { lines, proof } = forked()
  const line = forkLine(feedOfBob, 3, proof(4, 3))
  for (let at = 0; at < line.length; at += 1) {
    const changed = line.slice(0, at) + (line[at] === 'b' ? 'c' : 'b') + line.slice(at + 1)
    if (verdictOn(withLine(lines, 3, changed)) === 'genuine') t.fail(`at ${at}: ${line.slice(0, at)}`)
  }
  t.equal(verdictOn(withLine(lines, 3, line)), 'genuine')
})
