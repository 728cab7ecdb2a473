/** A cable pulled, a way cut, an address changed, a machine asleep: links come back by themselves, and what was said goes through. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { befriend } from '../../scripts/bench/contacts.ts'
import { Member } from '../../scripts/soak/member.ts'
import { createPlace } from '../../scripts/soak/place.ts'
import { Seat } from '../support/seat.ts'
import { cannotRun } from './hosts.ts'

t.setTimeout(240_000)

/** Waits for what alice sees of one of the others, or the other way round. */
async function sees(seat: Seat, name: string, online: boolean): Promise<void> {
  await seat.until(
    async () => ((await seat.contacts()).find((each) => each.name === name)?.online === online ? true : undefined),
    `${name} is ${online ? 'online' : 'offline'}`,
    60_000,
  )
}

/** `ip`, inside a host. */
function ip(host: string, ...words: string[]): void {
  const { status, stderr } = spawnSync('ip', ['-n', host, ...words], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

interface Trouble {
  readonly begin: () => void
  readonly end: () => void
}

t.test('links come back by themselves', { skip: cannotRun }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'warren-flaps-'))
  const names = ['alice', 'bob', 'carol', 'dave', 'erin']
  const place = createPlace(names.length)
  const members = names.map(
    (name, at) => new Member({ name, home: join(folder, name), wrapper: place.wrapper(at), flags: place.flags }),
  )
  t.teardown(async () => {
    for (const each of members) each.freeze(false)
    await Promise.all(members.map(async (each) => await each.end('SIGKILL')))
    place.remove()
    rmSync(folder, { recursive: true, force: true })
  })
  await Promise.all(members.map(async (each) => await each.start()))
  const seats = names.map((name) => new Seat(join(folder, name)))
  for (const seat of seats) seat.follow()
  t.teardown(() => {
    for (const seat of seats) seat.unfollow()
  })
  const [alice] = seats as [Seat]
  const dave = place.wrapper(3)[3] ?? ''
  // One for each of the others, all at once.
  const troubles: readonly Trouble[] = [
    { begin: () => place.unplug(1, false), end: () => place.unplug(1, true) },
    { begin: () => place.part(0, 2, false), end: () => place.part(0, 2, true) },
    {
      begin: () => ip(dave, 'addr', 'del', '10.81.0.4/24', 'dev', 'eth0'),
      end: () => {
        ip(dave, 'addr', 'add', '10.81.0.77/24', 'dev', 'eth0')
        ip(dave, 'route', 'replace', '224.0.0.0/4', 'dev', 'eth0')
      },
    },
    { begin: () => members[4]?.freeze(true), end: () => members[4]?.freeze(false) },
  ]
  const suffer = async ({ begin, end }: Trouble, at: number): Promise<void> => {
    const [name = '', other = alice, member] = [names[at], seats[at], members[at]]
    if (member === undefined) throw new Error('nobody is there')
    const chat = await befriend((members[0] as Member).client, member.client)
    begin()
    await sees(alice, name, false)
    await alice.say(chat, 'said meanwhile')
    end()
    await Promise.all([sees(alice, name, true), sees(other, 'alice', true)])
    await other.hears(chat, 'said meanwhile')
    await other.say(chat, 'and back')
    await alice.hears(chat, 'and back')
    t.strictSame(
      [await alice.texts(chat), await other.texts(chat)],
      [
        ['said meanwhile', 'and back'],
        ['said meanwhile', 'and back'],
      ],
    )
  }
  await Promise.all(troubles.map(async (trouble, at) => await suffer(trouble, at + 1)))
})
