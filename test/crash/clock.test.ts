/** A clock that jumps by a year, forward and back, under a running daemon and between two runs: order stays, and nothing is lost. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Message, MessagePage } from '../../protocol/http-conversations.ts'
import { linked, pairOfProcesses, type Daemon } from '../support/pair-of-processes.ts'

const yearMs = 365 * 24 * 3600 * 1000
const fiveMinutesMs = 300_000
const preload = fileURLToPath(new URL('../support/shifted-clock.ts', import.meta.url))

t.setTimeout(240_000)

const messages = async ({ seat }: Daemon, chat: string): Promise<Message[]> => {
  const { items } = await seat.client.ask<MessagePage>('GET', `/conversations/${chat}/messages?limit=200`)
  return items.toReversed()
}

t.test('a clock that jumps by a year', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'warren-clock-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'clock')
  const jump = (ms: number): void => writeFileSync(file, String(ms))
  jump(0)
  const { alice, bob, chat } = await pairOfProcesses(t, { preload, env: { WARREN_CLOCK_FILE: file } })
  const said: string[] = []
  const both = async (word: string): Promise<void> => {
    for (const [from, to] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const text = `${from === alice ? 'alice' : 'bob'} ${word}`
      await from.seat.say(chat, text)
      await to.seat.hears(chat, text)
      said.push(text)
    }
  }
  await both('at first')
  jump(yearMs)
  await both('a year ahead')
  const seen = await messages(bob, chat)
  const of = (text: string): Message | undefined => seen.find((each) => each.text === text)
  t.equal(of('alice a year ahead')?.clockWrong, true, 'the other side is told that the clock is wrong')
  t.notOk(of('alice at first')?.clockWrong)
  t.ok(Math.abs((of('bob a year ahead')?.at ?? 0) - Date.now()) < fiveMinutesMs, 'and keeps its own clock')
  jump(-yearMs)
  await both('a year behind')
  await alice.end()
  await alice.start()
  await linked(alice, bob)
  await both('a year behind, started anew')
  await alice.end('SIGKILL')
  jump(yearMs)
  await alice.start()
  await linked(alice, bob)
  await both('ahead again after a kill')
  jump(0)
  await both('at last')

  const texts = (await messages(alice, chat)).map(({ text }) => text)
  t.strictSame(texts.toSorted(), said.toSorted(), 'nothing is lost or doubled')
  t.strictSame(
    (await messages(bob, chat)).map(({ text }) => text),
    texts,
    'both show one order',
  )
  for (const who of ['alice', 'bob']) {
    t.strictSame(
      texts.filter((text) => text.startsWith(who)),
      said.filter((text) => text.startsWith(who)),
      `what ${who} said stands in the order in which it was said`,
    )
  }
})
