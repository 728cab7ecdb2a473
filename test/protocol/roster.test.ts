import t from 'tap'
import { headsOf } from '../../protocol/causality.ts'
import { kinds, lanes } from '../../protocol/entry.ts'
import { epochCommitment, epochIdFor } from '../../protocol/epoch.ts'
import { directId, epochIdOf, generationOf, type EntryId } from '../../protocol/ids.ts'
import { encodeOperation, type Operation } from '../../protocol/operation.ts'
import { loggedOperation, type LoggedOperation } from '../../protocol/logged-operation.ts'
import { fixedRoster, type RosterState } from '../../protocol/roster.ts'
import { actor, alice, bob, entryOf, fill, generation, mallory, PersonLog, type Actor } from './cast.ts'

const phone = actor(11)
const cast = () => {
  const [alices, bobs] = [new PersonLog(alice, 1), new PersonLog(bob, 2)]
  const scope = directId(alices.person, bobs.person)
  const operations: LoggedOperation[] = []
  /** Adds an operation of the conversation; `heads` are what its author had seen of the persons' logs. */
  const post = (by: Actor, operation: Operation): LoggedOperation => {
    const payload = encodeOperation(operation)
    const own = operations.filter(({ header }) => header.device === by.device)
    const place = { lane: lanes.roster, scope, kind: kinds[operation.kind], epoch: undefined } as const
    const seq = { seq: own.length + 1, prev: own.at(-1)?.id }
    const logged = loggedOperation(entryOf({ ...place, ...seq }, payload, by).sealed, payload)
    operations.push(logged)
    return logged
  }
  const heads = () => [...alices.heads, ...bobs.heads]
  const mint = (by: Actor, key: Uint8Array, changes: Partial<Operation> = {}): Operation => {
    const commitment = epochCommitment(key)
    const operation = { kind: 'epoch', heads: heads(), parents: [], parentKeys: [], commitment } as const
    const made = { ...operation, epoch: epochIdFor(scope, [], commitment), ...changes } as Operation
    post(by, made)
    return made
  }
  const roster = (list: readonly LoggedOperation[] = operations): RosterState => {
    const logs = new Map([alices, bobs].map((each) => [each.person, each.operations]))
    return fixedRoster([alices.person, bobs.person])(list, logs)
  }
  return { alices, bobs, scope, operations, post, heads, mint, roster }
}

t.test('both persons of a direct conversation are owners, with all their devices', async (t) => {
  const { alices, bobs, roster } = cast()
  alices.add(alice, phone)
  const state = roster()
  t.strictSame(state.devices, new Set([alice.device, phone.device, bob.device]))
  t.strictSame(state.posters, state.devices)
  t.strictSame([...state.members.keys()], [alices.person, bobs.person])
  t.ok([...state.members.values()].every(({ role, state: is }) => role === 'owner' && is === 'joined'))
  alices.remove(alice, phone)
  t.strictSame(roster().devices, new Set([alice.device, bob.device]))
})

t.test("an epoch's recipients are the devices that its heads name, not those of today", async (t) => {
  const { alices, mint, roster } = cast()
  mint(alice, fill(1))
  alices.add(alice, phone)
  mint(phone, fill(2))
  const [first, second] = [...roster().epochs.values()].toSorted((a, b) => a.recipients.size - b.recipients.size)
  t.strictSame(first?.recipients, new Set([alice.device, bob.device]))
  t.strictSame(second?.recipients, new Set([alice.device, phone.device, bob.device]))
  t.equal(second?.mintedBy, phone.device)
})

t.test('an epoch by a stranger, or by a device that its own heads exclude, is none', async (t) => {
  const { alices, mint, roster } = cast()
  alices.add(alice, phone)
  mint(mallory, fill(1))
  alices.remove(alice, phone)
  mint(phone, fill(2))
  t.equal(roster().epochs.size, 0)
})

t.test('an entry of a stranger in a person log makes the stranger nobody', async (t) => {
  const { alices, mint, roster } = cast()
  alices.add(mallory, mallory)
  mint(mallory, fill(1))
  t.equal(roster().epochs.size, 0)
  t.notOk(roster().devices.has(mallory.device))
})

t.test('an epoch whose id is not that of its parents and key is none', async (t) => {
  const { mint, roster } = cast()
  mint(alice, fill(1), { epoch: epochIdOf(fill(5)) })
  mint(alice, fill(2), { parents: [epochIdOf(fill(5))] })
  t.equal(roster().epochs.size, 0)
})

t.test('naming an epoch again hides no recipient, in whatever order it is heard', async (t) => {
  const { alices, mint, operations, roster } = cast()
  alices.add(alice, phone)
  mint(alice, fill(1))
  alices.remove(alice, phone)
  mint(bob, fill(1))
  const [epoch] = roster().epochs.values()
  t.ok(epoch?.recipients.has(phone.device))
  const again = roster(operations.toReversed())
  t.strictSame(
    [...again.epochs.values()].map(({ mintedBy }) => mintedBy),
    [epoch?.mintedBy],
  )
  t.strictSame(again.epochs.get(epoch?.epoch ?? epochIdOf(fill(0)))?.recipients, epoch?.recipients)
})

t.test("a person's own device says where the feeds of their removed devices end, and nobody else does", async (t) => {
  const { alices, post, heads, roster } = cast()
  alices.add(alice, phone)
  const last = fill(3)
  const cutOffs = [phone, bob].map(({ device }) => ({ device, generation, last: undefined }))
  post(alice, { kind: 'cutOff', heads: heads(), cutOffs })
  t.strictSame(roster().cutOffs, [], 'nobody was removed')
  alices.remove(alice, phone)
  t.strictSame(roster().cutOffs, [{ device: phone.device, generation, last: undefined }])
  const other = { device: phone.device, generation: generationOf(last.slice(0, 8)), last: undefined }
  post(bob, { kind: 'cutOff', heads: heads(), cutOffs: [other] })
  t.equal(roster().cutOffs.length, 1)
})

t.test('heads are the newest operations of the conversation', async (t) => {
  const { mint, operations, roster } = cast()
  mint(alice, fill(1))
  mint(bob, fill(2))
  t.strictSame(new Set(roster().heads.map(({ id }) => id)), new Set<EntryId>(operations.map(({ id }) => id)))
  t.strictSame(headsOf([]), [])
})

t.test('a conversation whose persons are not known yet has no epochs and no devices', async (t) => {
  const { alices, bobs, operations, mint } = cast()
  mint(alice, fill(1))
  const state = fixedRoster([alices.person, bobs.person])(operations, new Map())
  t.strictSame([state.devices.size, state.epochs.size], [0, 0])
})
