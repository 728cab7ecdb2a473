/** kill -9 at any moment of a change of key slots: whatever was acknowledged opens the home, and nothing in it is lost. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { randomBytes, randomInt } from 'node:crypto'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { errorCode } from '../../protocol/errors.ts'
import type { Secret } from '../../daemon/store/slot-opener.ts'
import type { Store } from '../../daemon/store/store.ts'
import { Vault } from '../../daemon/store/vault.ts'
import { put, textAt, under } from '../contracts/store-harness.ts'
import { newHome } from '../daemon/store/temporary-home.ts'

const rounds = process.env['WARREN_LONG'] === undefined ? 8 : 100
t.setTimeout(rounds * 20_000)

type Kind = 'file' | 'passphrase' | 'recovery'
type Way = Secret | { readonly file: true }

/** What the owner knows to open the home: by kind, the secrets that were acknowledged or are under way. */
class Known {
  sure = new Map<Kind, Way>([['file', { file: true }]])
  /** The change that was begun and not acknowledged. */
  begun: string | undefined

  hear(line: string): void {
    const [verb, name = '', ...rest] = line.split(' ')
    if (verb === 'begin') this.begun = [name, ...rest].join(' ')
    if (verb !== 'done') return
    const text = rest.join(' ')
    if (name === 'file') this.sure.set('file', { file: true })
    else if (name === 'recovery') this.sure.set('recovery', { recoveryKey: text })
    else if (name.startsWith('passphrase')) this.sure.set('passphrase', { passphrase: text })
    else this.sure.delete(name.replace('remove-', '') as Kind)
    if (name === 'passphrase-only') this.sure.delete('file')
    this.begun = undefined
  }

  /** What the owner typed and was not told of yet. */
  get typed(): readonly (readonly [Kind, Way])[] {
    const [name, ...rest] = (this.begun ?? '').split(' ')
    return name?.startsWith('passphrase') === true ? [['passphrase', { passphrase: rest.join(' ') }]] : []
  }

  /** Kinds whose slot may have been changed or not. */
  get doubtful(): readonly Kind[] {
    if (this.begun === undefined) return []
    // One kind of change removes the key file in the same step.
    if (this.begun.startsWith('passphrase')) return ['passphrase', 'file']
    return [this.begun.replace('remove-', '') as Kind]
  }
}

/** Kills the changer somewhere behind `lines` lines. */
async function changeUntilKilled(home: string, known: Known, lines: number): Promise<number> {
  const opening = [...known.sure.values()][0]
  const program = fileURLToPath(new URL('slot-changer.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, home, JSON.stringify(opening)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const exit = once(child, 'exit')
  let seen = 0
  for await (const line of createInterface({ input: child.stdout })) {
    known.hear(line)
    seen += 1
    if (seen === lines) {
      // Anywhere between two lines: the time is no condition of the test, only its dice.
      await wait(randomInt(6))
      child.kill('SIGKILL')
    }
  }
  const [, signal] = (await exit) as [number | null, string | null]
  if (signal !== 'SIGKILL') throw new Error('the changer ended by itself')
  return seen
}

/** The store behind a secret; undefined if it does not open the home. */
async function enter(vault: Vault, secret: Way): Promise<Store | undefined> {
  try {
    return 'file' in secret ? await vault.openByFile() : await vault.openBySecret(secret)
  } catch (error) {
    if (errorCode(error) === 'WRONG_PASSPHRASE') return undefined
    throw error
  }
}

/** What is wrong after a kill; `known` learns what still opens the home. */
async function judge(home: string, known: Known): Promise<string[]> {
  const wrong: string[] = []
  const still = new Map<Kind, Way>()
  const vault = await Vault.hold(home, {}, { randomBytes })
  for (const [kind, way] of [...known.sure, ...known.typed]) {
    const store = await enter(vault, way)
    if (store !== undefined) {
      still.set(kind, way)
      if (textAt(store, under(5, 1)) !== 'words') wrong.push(`words are lost behind the ${kind}`)
      await vault.shut()
    } else if (!known.doubtful.includes(kind)) wrong.push(`the ${kind} was acknowledged and opens nothing`)
  }
  await vault.close()
  if (still.size === 0) wrong.push('the owner knows no way in')
  known.sure = still
  known.begun = undefined
  return wrong
}

t.test(`kill -9 in ${rounds} rounds`, async (t) => {
  const home = newHome(t)
  const first = await Vault.hold(home, {}, { randomBytes })
  const store = await first.openByFile()
  if (store === undefined) throw new Error('shut')
  await store.createConversationKey(5)
  await put(store, under(5, 1), 'words')
  await first.close()
  const known = new Known()
  let changes = 0
  for (let round = 0; round < rounds; round += 1) {
    changes += await changeUntilKilled(home, known, 2 + randomInt(120))
    const { begun = 'nothing' } = known
    t.strictSame(await judge(home, known), [], `round ${round}, ${begun.split(' ')[0]} under way`)
  }
  t.ok(changes > rounds * 2, `${changes} lines were said`)
})

t.test('a slot that was lost would be seen', async (t) => {
  const home = newHome(t)
  await (await Vault.hold(home, {}, { randomBytes })).close()
  const known = new Known()
  known.hear('done recovery 0000')
  t.match(await judge(home, known), [/words are lost behind the file/, /recovery was acknowledged and opens nothing/])
  known.sure.clear()
  t.match(await judge(home, known), [/no way in/])
})
