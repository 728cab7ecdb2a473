/** Limits of exports: of one that is checked, and of those that are on their way out. */

import { mock } from 'node:test'
import t from 'tap'
import { Exports } from '../../daemon/api/exports.ts'
import { createLog } from '../../daemon/log.ts'
import { utf8 } from '../../protocol/bytes.ts'
import { sha256 } from '../../protocol/crypto.ts'
import { lanes } from '../../protocol/entry.ts'
import { ExportCheck } from '../../protocol/export-check.ts'
import { exportVersion, gapLine, headLine, operationLine } from '../../protocol/export-format.ts'
import { conversationIdOf, generationOf, type PersonId } from '../../protocol/ids.ts'
import { entryOf, fill } from '../protocol/cast.ts'
import { deviceOf, personOf } from '../support/fake-ids.ts'
import { limits } from '../../protocol/limits.ts'
import { FakeExport } from '../support/fake-export.ts'
import { twoContacts } from '../support/device.ts'
import { checked, exported } from '../support/exported.ts'
import { boundary, upTo } from './boundary.ts'

const wish = { format: 'json', language: 'en' } as const
const noCut = (): void => undefined
const asked = { session: 'one', begin: () => new FakeExport().begin(wish, 'self') }

function exportsAt(clock: { now: number }): Exports {
  let drawn = 0
  const random = (length: number): Uint8Array => {
    drawn += 1
    return new Uint8Array(length).fill(drawn)
  }
  return new Exports({ log: createLog([], () => 0), now: () => clock.now, random })
}

t.test('a line of an export, and the feeds in it', async (t) => {
  const { alice, chat } = await twoContacts(t)
  const text = await exported(alice, chat)
  const [head = '', ...rest] = text.split('\n')
  // A line that is too long is refused as such, others for what they are.
  const withName = async (length: number): Promise<unknown> => {
    const line = head.replace('"name":""', `"name":"${'x'.repeat(length - head.length)}"`)
    return await checked([line, ...rest].join('\n'))
  }
  await upTo(t, 'exportLineBytes', withName)
  const withFeeds = async (count: number): Promise<unknown> => {
    const gaps = Array.from({ length: count }, (_, at) => {
      const bytes = new Uint8Array(8)
      new DataView(bytes.buffer).setUint32(4, at)
      const line = gapLine({ device: alice.id, generation: generationOf(bytes) }, 1, 1, 'missing')
      return at === 0 ? line : `,${line}`
    })
    return await checked([head, ...rest].join('\n').replace('],"end"', `${gaps.join('\n')}\n],"end"`))
  }
  await upTo(t, 'exportFeeds', withFeeds)
})

t.test('persons of an exported group, and how long its operations are', async (t) => {
  const persons = Array.from({ length: limits.exportPersons + 1 }, (_, each) => personOf(`${each}`))
  const [me] = persons as [PersonId]
  const id = conversationIdOf(sha256(utf8('a group')))
  const begin = (all: readonly PersonId[]): ExportCheck => {
    const check = new ExportCheck()
    const made = { at: 1, by: me, device: deviceOf('0'), warren: '0.0.1' }
    const names = all.map((person) => ({ person, name: '' }))
    check.line(headLine({ version: exportVersion, made, conversation: { id, kind: 'group', persons: all }, names }))
    return check
  }
  await upTo(t, 'exportPersons', (count) => begin(persons.slice(0, count)), 'BAD_SHAPE')
  const change = { scope: id, lane: lanes.roster, kind: 99, epoch: undefined }
  const lineOf = (bytes: number, each = 0): string => {
    const hlc = { wallMs: 1_800_000_000_000 + each, count: 0 }
    const { sealed, payload, signature } = entryOf({ ...change, hlc }, fill(1, bytes))
    return operationLine({ group: id }, sealed, payload, signature)
  }
  const count = limits.exportOperationBytes / limits.operationBytes
  const long = Array.from({ length: count }, (_, each) => lineOf(limits.operationBytes, each))
  await upTo(t, 'exportOperationBytes', (bytes) => {
    const check = begin([me])
    for (const [at, line] of long.entries()) check.line(at === 0 ? line : `,${line}`)
    if (bytes > limits.exportOperationBytes) check.line(`,${lineOf(bytes - limits.exportOperationBytes)}`)
  })
})

t.test('links to exports: how many wait, and how long', async (t) => {
  const clock = { now: 0 }
  const after = (count: number) => (): unknown => {
    const exports = exportsAt(clock)
    const { ticket } = exports.issue(asked)
    for (let each = 1; each < count; each += 1) exports.issue(asked)
    return exports.follow(ticket, () => true)
  }
  await boundary(t, 'exportTickets', after(limits.exportTickets), after(limits.exportTickets + 1), 'NO_SESSION')
  const takenIn = (ms: number) => (): unknown => {
    const exports = exportsAt(clock)
    const { ticket } = exports.issue(asked)
    clock.now += ms
    return exports.follow(ticket, () => true)
  }
  await boundary(t, 'exportTicketMs', takenIn(limits.exportTicketMs - 1), takenIn(limits.exportTicketMs), 'NO_SESSION')
})

t.test('exports at once; one that was cancelled makes room', async (t) => {
  const exports = exportsAt({ now: 0 })
  const fake = new FakeExport()
  const open: ReadableStream<Uint8Array>[] = []
  const begin = () => (): unknown =>
    open.push(exports.stream({ session: undefined, begin: () => fake.begin(wish, 'self') }, noCut).bytes)
  for (let each = 1; each < limits.exportsAtOnce; each += 1) begin()()
  await boundary(t, 'exportsAtOnce', begin(), begin(), 'RATE_LIMITED')
  await open[0]?.cancel()
  t.doesNotThrow(begin())
})

t.test('an export of which nobody takes anything ends, and makes room', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const exports = exportsAt({ now: 0 })
  const fake = new FakeExport()
  const cuts: number[] = []
  const begin = (which: number): ReadableStreamDefaultReader<Uint8Array> =>
    exports
      .stream({ session: undefined, begin: () => fake.begin(wish, 'self') }, () => cuts.push(which))
      .bytes.getReader()
  const readers = Array.from({ length: limits.exportsAtOnce }, (_, which) => begin(which))
  const [taken, ...paused] = readers
  await paused[0]?.read()
  const stands = (ms: number) => (): boolean => {
    mock.timers.tick(ms)
    return cuts.length === 0
  }
  await boundary(
    t,
    'exportIdleMs',
    async () => {
      const before = stands(limits.exportIdleMs - 1)()
      await taken?.read()
      return before
    },
    stands(1),
    'no',
  )
  t.strictSame(new Set(cuts), new Set([1, 2, 3]), 'but the one of which something was taken meanwhile')
  for (let each = 1; each < limits.exportsAtOnce; each += 1) t.doesNotThrow(() => begin(each))
  t.throws(() => begin(0), { code: 'RATE_LIMITED' }, 'it has its place still')
  for (let each = 0; each < 3; each += 1) await taken?.read()
  mock.timers.tick(limits.exportIdleMs - 1)
  t.notOk(cuts.includes(0), 'nor does one end that was taken whole')
})
