import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { decode, encode, readArray, readUint, type Value } from '../../../protocol/codec.ts'
import { WarrenError, type ErrorCode } from '../../../protocol/errors.ts'
import { limits } from '../../../protocol/limits.ts'
import { Keyring } from '../../../daemon/store/keyring.ts'
import { createSeal } from '../../../daemon/store/seal.ts'
import { addKeyFile, makeRecoveryKey, removeSlot, setPassphrase } from '../../../daemon/store/slot-changes.ts'
import { readRecoveryKey, writeRecoveryKey } from '../../../daemon/store/recovery-key.ts'
import { Vault } from '../../../daemon/store/vault.ts'
import { openStore } from '../../../daemon/store/level-store.ts'
import { boundary, upTo } from '../../limits/boundary.ts'
import { codeOf, key, put, textAt, under } from '../../contracts/store-harness.ts'
import { newHome } from './temporary-home.ts'

// scrypt takes half a second of a core each time.
t.setTimeout(240_000)

const deps = { randomBytes, seal: createSeal(randomBytes) }
const passphrase = 'correct horse battery'

async function hold(t: Test, home: string): Promise<Vault> {
  const vault = await Vault.hold(home, {}, deps)
  t.teardown(() => vault.close())
  return vault
}

/** A home that is open, holds something, and has a passphrase besides its key file. */
async function homeWithPassphrase(t: Test, removeFile: boolean): Promise<{ home: string; vault: Vault }> {
  const home = newHome(t)
  const vault = await hold(t, home)
  const store = await vault.openByFile()
  if (store === undefined) throw new Error('shut')
  await store.createConversationKey(5)
  await put(store, under(5, 1), 'words')
  await setPassphrase(vault, { passphrase, madeAt: 7, removeFile }, deps)
  return { home, vault }
}

const kindsOf = (vault: Vault): string[] => vault.slots.map(({ kind }) => kind)

t.test('a passphrase opens the home again and again, and without the key file nothing else does', async (t) => {
  const { home, vault } = await homeWithPassphrase(t, true)
  t.notOk(existsSync(join(home, 'key')))
  t.strictSame(kindsOf(vault), ['passphrase'])
  for (const text of [passphrase, passphrase.normalize('NFD'), 'ｃorrect horse battery']) {
    await vault.shut()
    t.equal(await vault.openByFile(), undefined)
    t.equal(await codeOf(() => vault.openBySecret({ passphrase: `${text} ` })), 'WRONG_PASSPHRASE')
    const store = await vault.openBySecret({ passphrase: text })
    t.equal(textAt(store, under(5, 1)), 'words')
    t.equal(store.closedCleanly, true)
  }
  t.equal(statSync(join(home, 'keyring')).mode & 0o777, 0o600)
  await vault.close()
  t.equal(await codeOf(() => openStore(home, {}, deps)), 'LOCKED')
})

t.test('shut keeps the lock of the home, and everything that was acknowledged', async (t) => {
  const { home, vault } = await homeWithPassphrase(t, false)
  await vault.shut()
  t.equal(await codeOf(() => Vault.hold(home, {}, deps)), 'HOME_IN_USE')
  const store = await vault.openByFile()
  t.equal(store && textAt(store, under(5, 1)), 'words')
  t.equal(await codeOf(() => vault.openByFile()), 'CONFLICT')
})

t.test('an open store is dead once its home was shut', async (t) => {
  const { vault } = await homeWithPassphrase(t, false)
  await vault.shut()
  const store = await vault.openByFile()
  const { keyring } = vault
  await vault.shut()
  t.equal(await codeOf(() => store && put(store, key(1), 'late')), 'CLOSING')
  t.equal(await codeOf(() => store?.get(under(5, 1))), 'NO_KEY')
  t.throws(() => keyring?.homeKey, { code: 'NO_KEY' })
  t.equal(await codeOf(() => setPassphrase(vault, { passphrase, madeAt: 1, removeFile: false }, deps)), 'LOCKED')
})

t.test('a keyring that has forgotten its keys writes no file', async (t) => {
  const { home, vault } = await homeWithPassphrase(t, false)
  const { keyring } = vault
  if (keyring === undefined) throw new Error('shut')
  await vault.shut()
  const bytes = readFileSync(join(home, 'keyring'))
  t.equal(await codeOf(() => keyring.drop(5)), 'NO_KEY')
  t.equal(await codeOf(() => keyring.create(6)), 'NO_KEY')
  t.equal(await codeOf(() => keyring.changeSlots((slots) => slots)), 'NO_KEY')
  t.ok(readFileSync(join(home, 'keyring')).equals(bytes))
  const store = await vault.openByFile()
  t.equal(store && textAt(store, under(5, 1)), 'words')
})

t.test('changed means that the old one opens nothing, for passphrase and recovery key alike', async (t) => {
  const { vault } = await homeWithPassphrase(t, true)
  const first = await makeRecoveryKey(vault, 8, deps)
  const second = await makeRecoveryKey(vault, 9, deps)
  await setPassphrase(vault, { passphrase: 'another one entirely', madeAt: 10, removeFile: false }, deps)
  t.strictSame(kindsOf(vault), ['recovery', 'passphrase'])
  await vault.shut()
  for (const old of [{ passphrase }, { recoveryKey: first }, { recoveryKey: `${second}0` }, { recoveryKey: '' }]) {
    t.equal(await codeOf(() => vault.openBySecret(old)), 'WRONG_PASSPHRASE')
  }
  const sloppy = ` ${second.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')}\n`
  t.equal(textAt(await vault.openBySecret({ recoveryKey: sloppy }), under(5, 1)), 'words')
  await vault.check({ passphrase: 'another one entirely' })
  t.equal(await codeOf(() => vault.check({ passphrase })), 'WRONG_PASSPHRASE')
})

t.test('the last slot stays, a missing one is told, a removed one opens nothing', async (t) => {
  const { home, vault } = await homeWithPassphrase(t, false)
  await removeSlot(vault, 'passphrase')
  t.equal(await codeOf(() => removeSlot(vault, 'file')), 'CONFLICT')
  t.equal(await codeOf(() => removeSlot(vault, 'passphrase')), 'NOT_FOUND')
  t.ok(existsSync(join(home, 'key')))
  const recoveryKey = await makeRecoveryKey(vault, 1, deps)
  await removeSlot(vault, 'file')
  t.notOk(existsSync(join(home, 'key')))
  t.equal(await codeOf(() => removeSlot(vault, 'recovery')), 'CONFLICT')
  t.equal(await codeOf(() => makeRecoveryKey(vault, 2, deps)), 'CONFLICT', 'nobody may have read it yet')
  await addKeyFile(vault, deps)
  const bytes = readFileSync(join(home, 'key'))
  await addKeyFile(vault, deps)
  t.ok(readFileSync(join(home, 'key')).equals(bytes), 'one that is there stays')
  await removeSlot(vault, 'recovery')
  await vault.shut()
  t.equal(await codeOf(() => vault.openBySecret({ passphrase })), 'WRONG_PASSPHRASE')
  t.equal(await codeOf(() => vault.openBySecret({ recoveryKey })), 'WRONG_PASSPHRASE')
  t.ok(await vault.openByFile())
})

t.test('a key file that is gone or another leaves a home with a passphrase locked, not broken', async (t) => {
  const { home, vault } = await homeWithPassphrase(t, false)
  await vault.shut()
  writeFileSync(join(home, 'key'), randomBytes(32))
  t.equal(await vault.openByFile(), undefined)
  await vault.openBySecret({ passphrase })
  t.ok(existsSync(join(home, 'key')), 'nothing is removed that might be needed')
})

t.test('a key file that was lost, or is another, is made anew', async (t) => {
  const { home, vault } = await homeWithPassphrase(t, false)
  const lose = [(): void => rmSync(join(home, 'key')), (): void => writeFileSync(join(home, 'key'), randomBytes(32))]
  for (const loseKeyFile of lose) {
    await vault.shut()
    loseKeyFile()
    t.equal(await vault.openByFile(), undefined)
    await vault.openBySecret({ passphrase })
    await addKeyFile(vault, deps)
    t.strictSame(kindsOf(vault).toSorted(), ['file', 'passphrase'])
    await vault.shut()
    const store = await vault.openByFile()
    t.equal(store && textAt(store, under(5, 1)), 'words')
  }
  rmSync(join(home, 'key'))
  await removeSlot(vault, 'passphrase')
  await addKeyFile(vault, deps)
  await vault.shut()
  t.ok(await vault.openByFile(), 'also where it is the only way in')
})

t.test('a key file that cannot be written leaves no slot that nothing opens', async (t) => {
  const { home, vault } = await homeWithPassphrase(t, true)
  mkdirSync(join(home, 'key.new'))
  await t.rejects(addKeyFile(vault, deps))
  t.strictSame(kindsOf(vault), ['passphrase'])
  rmdirSync(join(home, 'key.new'))
  await addKeyFile(vault, deps)
  t.strictSame(kindsOf(vault), ['passphrase', 'file'])
})

t.test('a keyring that forgets overwrites every key that it holds', async (t) => {
  const [master, homeKey, conversationKey] = [randomBytes(32), randomBytes(32), randomBytes(32)]
  const conversationKeys = new Map([[5, conversationKey]])
  const opened = { master, slots: [], homeKey, conversationKeys, keysMade: 1 }
  const keyring = new Keyring(join(newHome(t), 'keyring'), deps, opened)
  t.ok(keyring.has(5))
  keyring.forget()
  for (const each of [master, homeKey, conversationKey]) t.notOk(each.some((byte) => byte !== 0))
  t.throws(() => keyring.key(5), { code: 'NO_KEY' })
  t.throws(() => keyring.homeKey, { code: 'NO_KEY' })
})

t.test('a change has happened though the key file could not be removed; the next unlock removes it', async (t) => {
  const { home, vault } = await homeWithPassphrase(t, false)
  const path = join(home, 'key')
  /** A folder in its place: nothing that removes a file removes it, even for root. */
  const jam = (): void => {
    rmSync(path)
    mkdirSync(path)
  }
  jam()
  await setPassphrase(vault, { passphrase, madeAt: 8, removeFile: true }, deps)
  t.strictSame(kindsOf(vault), ['passphrase'])
  rmdirSync(path)
  await addKeyFile(vault, deps)
  jam()
  await removeSlot(vault, 'file')
  t.strictSame(kindsOf(vault), ['passphrase'])
  rmdirSync(path)
  writeFileSync(path, randomBytes(32))
  await vault.shut()
  await vault.openBySecret({ passphrase })
  t.notOk(existsSync(path))
})

t.test('what a change left half done is tidied up once the owner has opened the home', async (t) => {
  const { home, vault } = await homeWithPassphrase(t, true)
  await vault.shut()
  writeFileSync(join(home, 'key'), randomBytes(32))
  t.equal(await vault.openByFile(), undefined)
  t.ok(existsSync(join(home, 'key')))
  await vault.openBySecret({ passphrase })
  t.notOk(existsSync(join(home, 'key')))
})

/** Rewrites the parameters of the passphrase slot as somebody with the disk could. */
function rewriteSlot(home: string, change: (parameters: Value[]) => void): void {
  const path = join(home, 'keyring')
  const [magic = '', version = 0, slots = [], sealed = ''] = readArray(decode(new Uint8Array(readFileSync(path))))
  const changed = readArray(slots).map((slot) => {
    const [kind = '', parameters = [], master = ''] = readArray(slot)
    const own = [...readArray(parameters)]
    if (kind === 'passphrase') change(own)
    return [kind, own, master]
  })
  writeFileSync(path, encode([magic, version, changed, sealed]))
}

t.test('a keyring cannot ask for more memory or less work than the limits', async (t) => {
  const { home, vault } = await homeWithPassphrase(t, true)
  await vault.shut()
  const good = readFileSync(join(home, 'keyring'))
  const most = Math.log2(limits.scryptMemoryBytes / (128 * 8))
  t.equal(most, 18)
  /** True if the daemon did that work, though to a key that opens nothing. */
  const works = async (logN: number, r: number, p: number): Promise<boolean> => {
    rewriteSlot(home, (parameters) => parameters.splice(1, 3, logN, r, p))
    const code = await codeOf(() => vault.openBySecret({ passphrase }))
    if (code !== 'WRONG_PASSPHRASE') throw new WarrenError(code as ErrorCode, `${logN} ${r} ${p}`)
    return true
  }
  await boundary(
    t,
    'scryptMemoryBytes',
    async () => (await works(most, 8, 1)) && (await works(17, 16, 1)),
    async () => await works(17, 17, 1),
    'STORE_DAMAGED',
  )
  await upTo(t, 'scryptParallel', async (p) => await works(17, 8, p), 'STORE_DAMAGED')
  const refused: [logN: number, r: number, p: number][] = [
    [most + 1, 8, 1],
    [29, 8, 1],
    [64, 8, 1],
    [17, 2 ** 30, 1],
    [17, 8, 0],
    [16, 8, 1],
    [17, 7, 1],
    [0, 8, 1],
  ]
  for (const cost of refused) await t.rejects(works(...cost), { code: 'STORE_DAMAGED' }, cost.join(' '))
  writeFileSync(join(home, 'keyring'), good)
  await vault.openBySecret({ passphrase })
})

t.test('the parameters of scrypt are those that were promised', async (t) => {
  const { home } = await homeWithPassphrase(t, true)
  const found: unknown[] = []
  rewriteSlot(home, (parameters) => found.push(...parameters.slice(1).map((each) => readUint(each))))
  t.strictSame(found, [17, 8, 1, 7])
})

t.test('a keyring holds so many slots and no more', async (t) => {
  const { home, vault } = await homeWithPassphrase(t, false)
  await vault.close()
  const path = join(home, 'keyring')
  const [magic = '', version = 0, slots = [], sealed = ''] = readArray(decode(new Uint8Array(readFileSync(path))))
  const padded = (count: number): Uint8Array => {
    const own = readArray(slots)
    const foreign = Array.from({ length: count - own.length }, (): Value => ['newer', [], new Uint8Array(1)])
    return encode([magic, version, [...own, ...foreign], sealed])
  }
  const opens = async (count: number): Promise<void> => {
    writeFileSync(path, padded(count))
    await (await openStore(home, {}, deps)).close()
  }
  await upTo(t, 'keySlots', opens, 'STORE_DAMAGED')
  writeFileSync(path, padded(limits.keySlots))
  const again = await hold(t, home)
  await again.openByFile()
  await removeSlot(again, 'passphrase')
  t.equal(again.slots.length, limits.keySlots - 1, 'kinds of a newer Warren are kept')
  t.equal(await codeOf(() => removeSlot(again, 'file')), 'CONFLICT', 'and do not count as a way in')
})

t.test('recovery keys: every slip of one letter is noticed, sloppy spelling is not', async (t) => {
  const secret = new Uint8Array(randomBytes(32))
  const text = writeRecoveryKey(secret)
  t.match(text, /^(?:[0-9A-HJKMNP-TV-Z]{4}-){13}[0-9A-HJKMNP-TV-Z]{4}$/)
  t.strictSame(readRecoveryKey(text), secret)
  t.strictSame(readRecoveryKey(text.toLowerCase().replaceAll('-', ' – ')), secret)
  let noticed = 0
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '-') continue
    for (const letter of '0123456789ABCDEFGHJKMNPQRSTVWXYZ') {
      if (letter === text[at]) continue
      if (readRecoveryKey(text.slice(0, at) + letter + text.slice(at + 1)) === undefined) noticed += 1
    }
  }
  t.equal(noticed, 56 * 31)
  for (const none of ['', text.slice(1), `${text}7`, text.replace(/^./, 'U'), text.replace(/^./, '!')]) {
    t.equal(readRecoveryKey(none), undefined)
  }
  t.equal(writeRecoveryKey(new Uint8Array(32)).slice(0, 9), '0000-0000')
})
