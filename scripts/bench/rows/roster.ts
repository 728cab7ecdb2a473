/** Who belongs to a large group: all of it at once, one operation more, and a new epoch when somebody is removed. */

import { sha256 } from '../../../protocol/crypto.ts'
import { checkSignature, readHeader } from '../../../protocol/entry.ts'
import { GroupRoster } from '../../../protocol/group-roster.ts'
import { loggedOperation, type LoggedOperation } from '../../../protocol/logged-operation.ts'
import type { Row } from '../bench.ts'
import { Crowd, type SignedEntry } from '../crowd.ts'
import type { Figure } from '../figure.ts'
import { median } from '../statistics.ts'

const more = 60

/** What cannot be left out of an operation that comes from a peer: its hashes and the check of its signature. */
function prove({ sealed, payload, signature }: SignedEntry): void {
  sha256(sealed.bytes)
  sha256(payload)
  checkSignature(sealed, signature)
}

const read = ({ sealed, payload }: SignedEntry): LoggedOperation => loggedOperation(readHeader(sealed.bytes), payload)

function timed(work: () => void): number {
  const before = performance.now()
  work()
  return performance.now() - before
}

function load({ scope, members }: Crowd, entries: readonly SignedEntry[]): GroupRoster {
  const roster = new GroupRoster(scope)
  for (const { person, log } of members) roster.learn(person, [read(log)])
  roster.take(entries.map(read))
  return roster
}

/** The looks at who has seen whom that each of some more operations takes, and how long each takes. */
function oneMore(crowd: Crowd, roster: GroupRoster): { looks: number; floorMs: number; ms: number } {
  const all = Array.from({ length: more }, () => {
    const entry = crowd.live()
    const { looks } = roster.work
    const floorMs = timed(() => prove(entry))
    const ms = timed(() => roster.take([read(entry)]))
    return { looks: roster.work.looks - looks, floorMs, ms }
  })
  return {
    looks: median(all.map((each) => each.looks)),
    floorMs: median(all.map((each) => each.floorMs)),
    ms: median(all.map((each) => each.ms)),
  }
}

/** Somebody is removed, and a new epoch made: both operations judged, and each device's right to the key found. */
function newEpoch(crowd: Crowd, roster: GroupRoster, at: number): { floorMs: number; ms: number } {
  const victim = crowd.members[at]
  if (victim === undefined) throw new RangeError('no such member')
  const made: SignedEntry[] = []
  const ms = timed(() => {
    made.push(
      crowd.post(crowd.founder, { kind: 'remove', person: victim.person, cutOffs: [] }),
      crowd.mint(crowd.founder),
    )
    roster.take(made.map(read))
    const epoch = [...roster.epochs.values()].at(-1)
    const given = crowd.members.filter(({ device }) => epoch !== undefined && roster.mayHaveKey(device, epoch.epoch))
    if (epoch?.recipients.size !== given.length) throw new Error('the key is not for exactly those who belong')
  })
  return { floorMs: timed(() => made.forEach(prove)), ms }
}

export const roster: Row = {
  name: 'roster',
  about: 'who belongs to a large group, against the hashes and signatures of the same operations',
  run({ scale: { rounds, group } }) {
    const crowd = new Crowd(group.members)
    const young = oneMore(crowd, load(crowd, crowd.entries))
    while (crowd.entries.length < group.operations) crowd.live()
    const floors: number[] = []
    const loads: number[] = []
    let whole = load(crowd, crowd.entries)
    for (let round = 0; round < rounds; round += 1) {
      floors.push(timed(() => crowd.entries.forEach(prove)))
      loads.push(timed(() => (whole = load(crowd, crowd.entries))))
    }
    if (whole.members.size !== group.members) throw new Error('not everybody belongs')
    const old = oneMore(crowd, whole)
    // The first time the functions are not compiled yet.
    const [, ...epochs] = Array.from({ length: rounds + 1 }, (_, round) => newEpoch(crowd, whole, 1 + round))
    const figures: Figure[] = [
      {
        name: `cold load, ${group.members} members, ${group.operations} operations`,
        unit: 'ms',
        floor: median(floors),
        measured: median(loads),
        budget: { is: 'times', value: 1 },
      },
      { name: 'one more', unit: 'ms', floor: old.floorMs, measured: old.ms, budget: { is: 'times', value: 1 } },
      {
        name: `one more, looks, after ${group.operations} operations, against ${2 * group.members}`,
        unit: 'operations',
        floor: young.looks,
        measured: old.looks,
        // It grows with what the author and whom it concerns did themselves, and with nothing else.
        budget: { is: 'most', value: 50 },
      },
      {
        name: `a removal and its epoch, ${group.members} devices`,
        unit: 'ms',
        floor: median(epochs.map(({ floorMs }) => floorMs)),
        measured: median(epochs.map(({ ms }) => ms)),
        budget: { is: 'most', value: 50 },
      },
    ]
    return Promise.resolve(figures)
  },
}
