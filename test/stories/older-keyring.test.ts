/** The keyring of a home is put back from a copy, and the database is not: nothing is lost by that. */

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Conversation } from '../../protocol/http-conversations.ts'
import type { Page } from '../../protocol/http.ts'
import { befriend, roundTrip, startHouse } from '../support/hostile.ts'
import { startWarren, warren } from '../support/warren-process.ts'

t.setTimeout(240_000)

t.test(
  'a start says so; the doctor goes on with it when told to, and the other side brings back what was lost',
  async (t) => {
    const bob = await startHouse(t, 'bob')
    const first = await startHouse(t, 'alice')
    const { home } = first
    const [keyring, copy] = [join(home, 'keyring'), `${home}-keyring`]
    copyFileSync(keyring, copy)
    const chat = await befriend(first, bob)
    await roundTrip(first, bob, chat)
    const texts = await first.seat.texts(chat)
    t.equal(texts.length, 2)
    await first.stop()

    const newer = readFileSync(keyring)
    copyFileSync(copy, keyring)
    const line = /^warren: the keyring file is older than the database: put the newer one back/
    const failed = startWarren(t, ['start', '--no-open', '--no-mdns', '--api-port', '0', '--peer-port', '0'], { home })
    t.match(await failed.ended, { code: 1, stderr: line })
    t.match(await warren(['doctor'], { home }), { code: 1, stdout: '', stderr: line })
    writeFileSync(keyring, newer)
    const again = await startHouse(t, 'alice', home)
    t.strictSame(await again.seat.texts(chat), texts)
    await again.stop()

    copyFileSync(copy, keyring)
    t.match(await warren(['doctor', '--repair'], { home }), { code: 0, stdout: /is kept in the home as damaged-1/ })
    const after = await startHouse(t, 'alice', home)
    await after.seat.contact('accepted', true)
    const back = await after.seat.until(async () => {
      const { items } = await after.seat.client.ask<Page<Conversation>>('GET', '/conversations')
      return items.find(({ kind }) => kind === 'direct')
    }, 'the conversation to be back')
    t.equal(back.id, chat)
    for (const text of texts) await after.seat.hears(chat, text)
    t.ok((await roundTrip(after, bob, chat)) > 0)
  },
)
