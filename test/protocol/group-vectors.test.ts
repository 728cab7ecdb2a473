import { readFileSync } from 'node:fs'
import t from 'tap'
import { z } from 'zod'
import { checkPayload, feedOf, readHeader, type SealedHeader } from '../../protocol/entry.ts'
import { GroupRoster } from '../../protocol/group-roster.ts'
import { readConversationId, readPersonId } from '../../protocol/ids.ts'
import { loggedOperation, type LoggedOperation } from '../../protocol/logged-operation.ts'

const file = new URL('../../docs/protocol-vectors.json', import.meta.url)
const hex = z
  .string()
  .regex(/^0x([0-9a-f]{2})*$/)
  .transform((text) => Uint8Array.from(Buffer.from(text.slice(2), 'hex')))
const Entry = z.object({ bytes: hex, payload: hex })
const Vectors = z.object({
  groups: z.array(
    z.object({
      about: z.string(),
      persons: z.array(z.array(Entry)),
      operations: z.array(Entry.extend({ counts: z.boolean() })),
      members: z.array(z.object({ person: z.string(), role: z.string(), state: z.string() })),
      root: z.string(),
      name: z.string(),
      cutOffs: z.array(z.object({ device: z.string(), generation: z.string(), last: z.string() })),
    }),
  ),
})
const { groups } = Vectors.parse(JSON.parse(readFileSync(file, 'utf8')))

function logged({ bytes, payload }: z.output<typeof Entry>): LoggedOperation {
  const sealed: SealedHeader = readHeader(bytes)
  checkPayload(sealed, payload)
  return loggedOperation(sealed, payload)
}

for (const { about, persons, operations, members, root, name, cutOffs } of groups) {
  t.test(about, async (t) => {
    const [create] = operations
    if (create === undefined) throw new Error('a group')
    const roster = new GroupRoster(readConversationId(feedOf(readHeader(create.bytes)).scope))
    for (const log of persons) {
      const entries = log.map(logged)
      for (const { scope } of entries.slice(0, 1)) roster.learn(readPersonId(scope), entries)
    }
    const taken = operations.map(logged)
    roster.take(taken.toReversed())
    t.strictSame(
      taken.map(({ id }) => roster.counts(id)),
      operations.map(({ counts }) => counts),
    )
    t.strictSame(
      [...roster.members.values()].toSorted((a, b) => (a.person < b.person ? -1 : 1)),
      members,
    )
    t.strictSame([roster.root, roster.settings.name, roster.cutOffs], [root, name, cutOffs])
  })
}

t.test('there are histories, in which some operations count and some do not', async (t) => {
  t.ok(groups.length >= 4)
  const verdicts = groups.flatMap(({ operations }) => operations.map(({ counts }) => counts))
  t.strictSame(new Set(verdicts), new Set([true, false]))
})
