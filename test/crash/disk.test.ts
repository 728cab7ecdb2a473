/** Disks that are full, read-only or failing under a running daemon: said by code, nothing acknowledged is lost, and it goes on by itself. */

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Message, MessagePage } from '../../protocol/http.ts'
import { fillDisk, mount, newHome, skipMounts, smallDisk } from '../daemon/store/temporary-home.ts'
import { linked, pairOfProcesses, type Daemon, type PairOfProcesses } from '../support/pair-of-processes.ts'

t.setTimeout(120_000)

const refusal = async ({ seat }: Daemon, chat: string, text: string): Promise<string> => {
  try {
    await seat.say(chat, text, text.slice(0, 40))
    return ''
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

const stateOf = async ({ seat }: Daemon, chat: string, text: string): Promise<Message['state'] | undefined> => {
  const { items } = await seat.client.ask<MessagePage>('GET', `/conversations/${chat}/messages?limit=50`)
  return items.find((each) => each.text === text)?.state
}

/** Both show the same, which is all that was acknowledged, and alice's home opens again with all of it. */
async function agree(t: Test, { alice, bob, chat }: PairOfProcesses, expected: readonly string[]): Promise<void> {
  await bob.seat.hears(chat, expected.at(-1) ?? '')
  for (const { seat } of [alice, bob]) {
    const texts = await seat.until(async () => {
      const shown = await seat.texts(chat)
      return shown.length >= expected.length ? shown : undefined
    }, 'all is there')
    t.strictSame(texts, expected)
  }
  await alice.end()
  await alice.start()
  t.strictSame(await alice.seat.texts(chat), expected, 'after a restart, too')
}

/** What a fault does, and how it ends. */
interface Fault {
  readonly code: string
  begin(): () => void
}

async function bear(t: Test, pair: PairOfProcesses, fault: Fault): Promise<void> {
  const { alice, bob, chat } = pair
  await alice.seat.say(chat, 'before')
  await bob.seat.hears(chat, 'before')
  const end = fault.begin()
  // What fits into the room that the disk has still may be taken: a big one does not.
  const big = 'x'.repeat(60_000)
  t.equal(await refusal(alice, chat, big), fault.code)
  t.equal(await refusal(alice, chat, 'during'), fault.code, 'as long as it lasts')
  t.strictSame(await alice.seat.texts(chat), ['before'], 'reading goes on')
  await bob.seat.say(chat, 'from bob')
  t.equal(await stateOf(bob, chat, 'from bob'), 'stored', 'what alice could not store is not delivered')
  end()
  // One that joins an attempt to mend the store which began before there was room shares its end; the next begins another.
  if ((await refusal(alice, chat, 'after')) !== '') await alice.seat.say(chat, 'after')
  await linked(alice, bob)
  await alice.seat.hears(chat, 'from bob')
  await bob.seat.until(
    async () => ((await stateOf(bob, chat, 'from bob')) === 'delivered' ? true : undefined),
    'it is delivered',
  )
  const texts = await alice.seat.texts(chat)
  t.strictSame(texts.filter((text) => text !== big).toSorted(), ['after', 'before', 'from bob'])
  // A write that failed may turn out to be there, whole: whoever was refused asks again with the same client id.
  t.ok(texts.filter((text) => text === big).length <= 1)
  await agree(t, pair, texts)
}

t.test(
  'a full disk: posts are refused, and taken again once there is room, without a restart',
  { skip: skipMounts },
  async (t) => {
    const disk = smallDisk(t, 40)
    const pair = await pairOfProcesses(t, { alice: join(disk, 'home') })
    await bear(t, pair, { code: 'STORE_FULL', begin: () => fillDisk(disk) })
  },
)

t.test(
  'a home that turns read-only: posts are refused, and taken again once it can be written',
  { skip: skipMounts },
  async (t) => {
    const disk = smallDisk(t, 40)
    const pair = await pairOfProcesses(t, { alice: join(disk, 'home') })
    // tmpfs stays writable for files that are open: what hits the daemon is that no new ones can be made. So it is asked after a restart.
    const { alice, bob, chat } = pair
    await alice.seat.say(chat, 'before')
    await bob.seat.hears(chat, 'before')
    await alice.end()
    mount(['-o', 'remount,ro', disk])
    const said = await alice.startInVain()
    mount(['-o', 'remount,rw', disk])
    t.match(said, { code: 1, stdout: '', stderr: /^warren: the home cannot be written: .*\n$/ })
    await alice.start()
    await linked(alice, bob)
    await alice.seat.say(chat, 'after')
    await agree(t, pair, ['before', 'after'])
  },
)

/** A disk of 200 MB by its own account on one of 64 MB: writing fails while it says that there is room. */
function thinDisk(t: Test): { readonly path: string; readonly below: string } {
  const below = smallDisk(t, 64)
  const image = join(below, 'image')
  execFileSync('truncate', ['-s', '200M', image])
  execFileSync('mkfs.ext4', ['-q', '-F', '-O', '^has_journal', image])
  const path = newHome(t)
  mkdirSync(path)
  mount(['-o', 'loop', image, path])
  t.teardown(() => void spawnSync('umount', ['--lazy', path]))
  return { path, below }
}

const has = (program: string): boolean =>
  ['/usr/sbin', '/sbin', '/usr/bin'].some((folder) => existsSync(join(folder, program)))
const canLoop = has('mkfs.ext4') && existsSync('/dev/loop-control')
const skipLoops = skipMounts !== false ? skipMounts : canLoop ? false : 'needs mkfs.ext4 and loop devices'

t.test('a thin disk that has less room than it says', { skip: skipLoops }, async (t) => {
  const { path, below } = thinDisk(t)
  const pair = await pairOfProcesses(t, { alice: join(path, 'home') })
  await bear(t, pair, { code: 'STORE_FULL', begin: () => fillDisk(below) })
})

t.test('writes that fail for another reason', { skip: has('prlimit') ? false : 'needs prlimit' }, async (t) => {
  const pair = await pairOfProcesses(t)
  const limit = (bytes: string): void =>
    void execFileSync('prlimit', ['--pid', `${pair.alice.pid}`, `--fsize=${bytes}:unlimited`])
  await bear(t, pair, {
    code: 'STORE_FAILED',
    begin: () => {
      // No file may grow: every write says so, while the disk is neither full nor closed.
      limit('1')
      return () => limit('unlimited')
    },
  })
})
