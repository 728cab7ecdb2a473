/** Alice saves what she and Bob have said; Carol, who has no Warren running, checks it elsewhere. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { folderOf, startHere } from '../support/here.ts'
import { warren } from '../support/warren-process.ts'

interface Verdict {
  readonly valid: boolean
  readonly made: { readonly warren: string }
  readonly persons: readonly { id: string; name: string; messages: number; devices: { fingerprint: string }[] }[]
}

t.setTimeout(240_000)

t.test('what one side saves is checked elsewhere, and a lie in it is found', async (t) => {
  const folder = folderOf(t)
  const [alice, bob] = [
    await startHere(t, join(folder, 'alice'), 'alice'),
    await startHere(t, join(folder, 'bob'), 'bob'),
  ]
  const peer = await alice.seat.look(`127.0.0.1:${bob.port}`)
  await alice.seat.client.ask('POST', '/contacts', { deviceId: peer.deviceId, note: '' })
  await bob.seat.client.ask('PATCH', `/contacts/${(await bob.seat.contact('incoming')).id}`, { state: 'accepted' })
  await Promise.all([alice.seat.contact('accepted', true), bob.seat.contact('accepted', true)])
  const { id } = await alice.seat.direct()
  await alice.seat.say(id, 'I owe you 10')
  await bob.seat.hears(id, 'I owe you 10')
  await bob.seat.say(id, 'thank you')
  await bob.seat.say(id, '<b>really</b>')
  await alice.seat.hears(id, '<b>really</b>')
  const prints = [alice, bob].map(async ({ seat }) => (await seat.me()).fingerprint)
  const [ofAlice, ofBob] = await Promise.all(prints)

  const file = join(folder, 'saved.json')
  const page = join(folder, 'saved.html')
  t.match(await warren(['export', 'alice', '--output', file], { home: bob.seat.home }), { code: 0 })
  t.match(await warren(['export', 'bob', '--output', page], { home: alice.seat.home }), { code: 0 })
  await alice.daemon.close()
  await bob.daemon.close()

  const carol = { home: join(folder, 'carol') }
  const told = await warren(['check-export', file], carol)
  t.match(told, { code: 0, stdout: /^genuine: 3 messages, 20[^\n]+\n/ })
  t.ok(told.stdout.includes(`device ${ofAlice}: 1 message\n`) && told.stdout.includes(`device ${ofBob}: 2 messages\n`))
  const checked = await warren(['check-export', file, '--json'], carol)
  t.match(JSON.parse(checked.stdout) as Verdict, {
    valid: true,
    made: { warren: '0.0.0-test' },
    persons: [
      { name: 'bob', messages: 2, devices: [{ fingerprint: ofBob }] },
      { name: 'alice', messages: 1, devices: [{ fingerprint: ofAlice }] },
    ],
  })
  t.notOk(existsSync(carol.home), 'nothing of Warren is made for it')

  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace('I owe you 10', 'I owe you 100'))
  t.match(await warren(['check-export', file], carol), {
    code: 1,
    stdout: '',
    stderr: 'warren: line 5: an entry says something else than its author signed\n',
  })
  t.match(readFileSync(page, 'utf8'), /&lt;b&gt;really&lt;\/b&gt;/)
})
