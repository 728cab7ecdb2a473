/** Disks that are full, read-only or failing under a running daemon: said by code, nothing acknowledged is lost, and it goes on by itself. */

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { fillDisk, mount, newHome, skipMounts, smallDisk } from '../daemon/store/temporary-home.ts'
import { linked, pairOfProcesses } from '../support/pair-of-processes.ts'
import { agree, bear } from './bear.ts'

t.setTimeout(240_000)

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
