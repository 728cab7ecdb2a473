/** Bob is off, and another device comes to listen where Alice found him by hand: she is told, though she did not look. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Daemon, linked } from '../support/pair-of-processes.ts'
import type { Contact, Mismatch } from '../../protocol/http-people.ts'

t.setTimeout(240_000)

t.test('she is told of Mallory on the port of Bob, and that Bob is back', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'warren-'))
  const person = (name: string): Daemon => new Daemon({ home: join(folder, name), name })
  const [alice, bob, mallory] = [person('alice'), person('bob'), person('mallory')]
  t.teardown(async () => {
    await Promise.all([alice, bob, mallory].map(async (each) => await each.end('SIGKILL')))
    rmSync(folder, { recursive: true, force: true })
  })
  await Promise.all([alice.start(), bob.start()])
  const { deviceId, fingerprint } = await alice.seat.look(`localhost:${bob.port}`)
  await alice.seat.client.ask('POST', '/contacts', { deviceId, note: '' })
  const { id } = await bob.seat.contact('incoming')
  await bob.seat.client.ask('PATCH', `/contacts/${id}`, { state: 'accepted' })
  await linked(alice, bob)
  const shown = async (find: (all: readonly Mismatch[]) => boolean): Promise<Contact> =>
    await alice.seat.until(async () => {
      const contact = await alice.seat.contact('accepted')
      return find(contact.mismatches ?? []) ? contact : undefined
    }, 'what is told of the address')
  await bob.end()
  await mallory.start(bob.port)
  const address = `/dns/localhost/tcp/${bob.port}`
  const told = await shown((all) => all.length > 0)
  t.match(told.mismatches, [{ address, expected: fingerprint, answering: (await mallory.seat.me()).fingerprint }])
  t.strictSame(await mallory.seat.contacts(), [], 'who answers there learns nothing')
  await mallory.end()
  await bob.start()
  await linked(alice, bob)
  t.equal((await shown((all) => all.length === 0)).online, true)
})
