/** A keyring that was put back alone lacks keys: that is told, and nothing is taken for deleted. */

import { randomBytes } from 'node:crypto'
import { copyFileSync, cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import t, { type Test } from 'tap'
import { decode, encode, readArray, readBytes } from '../../../protocol/codec.ts'
import { masterByFile } from '../../../daemon/store/slot-opener.ts'
import { openContents, readKeyringFile } from '../../../daemon/store/keyring-file.ts'
import { openStore, type StoreOptions } from '../../../daemon/store/level-store.ts'
import { encodeKey } from '../../../daemon/store/keys.ts'
import { tables, type Store } from '../../../daemon/store/store.ts'
import { Vault } from '../../../daemon/store/vault.ts'
import { aeadKey } from '../../../protocol/crypto.ts'
import { label } from '../../../protocol/bytes.ts'
import { createSeal } from '../../../daemon/store/seal.ts'
import { codeOf, put, textAt, under } from '../../contracts/store-harness.ts'
import { newHome } from './temporary-home.ts'

const open = async (home: string, options: StoreOptions = {}): Promise<Store> =>
  await openStore(home, options, { randomBytes })

async function using(home: string, use: (store: Store) => Promise<void>, options: StoreOptions = {}): Promise<void> {
  const store = await open(home, options)
  try {
    await use(store)
  } finally {
    await store.close()
  }
}

const say = async (store: Store, conversation: number, text: string): Promise<void> => {
  await store.createConversationKey(conversation)
  await put(store, under(conversation, conversation), text)
}

/** A home with conversations 5 and 6, and beside it the keyring from before there was a 6. */
async function homeWithOlderKeyring(t: Test): Promise<{ home: string; keyring: string; older: string }> {
  const home = newHome(t)
  const [keyring, older] = [join(home, 'keyring'), `${home}-older`]
  t.teardown(() => rmSync(older, { force: true }))
  await using(home, async (store) => await say(store, 5, 'words'))
  copyFileSync(keyring, older)
  await using(home, async (store) => await say(store, 6, 'later words'))
  return { home, keyring, older }
}

t.test('an older keyring stops the start; with the newer one all is there', async (t) => {
  const { home, keyring, older } = await homeWithOlderKeyring(t)
  const newer = readFileSync(keyring)
  copyFileSync(older, keyring)
  for (let again = 0; again < 2; again += 1) {
    await t.rejects(open(home), { code: 'STORE_DAMAGED', message: /the keyring file is older than the database/ })
  }
  writeFileSync(keyring, newer)
  await using(home, async (store) => {
    t.equal(textAt(store, under(5, 5)), 'words')
    t.equal(textAt(store, under(6, 6)), 'later words')
  })
})

t.test('the count that is noted is never ahead of the file', async (t) => {
  const home = newHome(t)
  const vault = await Vault.hold(home, {}, { randomBytes })
  t.teardown(async () => await vault.close())
  await vault.openByFile()
  const { keyring } = vault
  if (keyring === undefined) throw new Error('shut')
  const master = await masterByFile(vault.slots, new Uint8Array(readFileSync(join(home, 'key'))))
  if (master === undefined) throw new Error('the key file opens nothing')
  const inFile = (): number =>
    openContents(readKeyringFile(new Uint8Array(readFileSync(join(home, 'keyring')))).sealed, master).keysMade
  const ahead: number[] = []
  const made: Promise<void>[] = []
  for (let each = 1; each <= 40; each += 1) {
    made.push(keyring.create(each))
    await new Promise((resolve) => void setImmediate(resolve))
    if (keyring.keysMade > inFile()) ahead.push(each)
  }
  await Promise.all(made)
  t.strictSame(ahead, [])
  t.equal(keyring.keysMade, 40)
  t.equal(inFile(), 40)
})

t.test('the owner may go on with an older keyring', async (t) => {
  const { home, keyring, older } = await homeWithOlderKeyring(t)
  renameSync(older, keyring)
  await using(
    home,
    async (store) => {
      t.equal(textAt(store, under(5, 5)), 'words')
      t.equal(await codeOf(() => store.get(under(6, 6))), 'NO_KEY')
    },
    { mend: true },
  )
  await using(home, async (store) => {
    await say(store, 6, 'from here on')
    t.equal(textAt(store, under(6, 6)), 'from here on')
  })
})

t.test('a count that is damaged is mended', async (t) => {
  const home = newHome(t)
  await using(home, async (store) => await say(store, 5, 'words'))
  const database = new Level<Uint8Array, Uint8Array>(join(home, 'store'), {
    keyEncoding: 'view',
    valueEncoding: 'view',
  })
  await database.put(encodeKey(tables.meta, [0, 2]), new Uint8Array(40))
  await database.close()
  await t.rejects(open(home), { code: 'STORE_DAMAGED' })
  await using(home, (store) => Promise.resolve(void t.equal(textAt(store, under(5, 5)), 'words')), { mend: true })
  await using(home, async (store) => {
    await say(store, 6, 'later words')
    t.equal(textAt(store, under(6, 6)), 'later words')
  })
})

t.test('a conversation whose key was made anew is known by it, too', async (t) => {
  const { home, keyring, older } = await homeWithOlderKeyring(t)
  await using(home, async (store) => {
    copyFileSync(keyring, older)
    await store.dropConversationKey(6)
    await say(store, 6, 'after the deletion')
  })
  renameSync(older, keyring)
  await t.rejects(open(home), { code: 'STORE_DAMAGED' })
})

t.test('an older database beside the keyring of today is a deletion that was not finished', async (t) => {
  const { home, keyring } = await homeWithOlderKeyring(t)
  const before = `${home}-before`
  t.teardown(() => rmSync(before, { recursive: true, force: true }))
  cpSync(home, before, { recursive: true })
  await using(home, async (store) => await store.dropConversationKey(6))
  copyFileSync(keyring, join(before, 'keyring'))
  await using(before, async (store) => {
    t.equal(textAt(store, under(5, 5)), 'words')
    t.equal(await codeOf(() => store.get(under(6, 6))), 'NO_KEY')
  })
})

t.test('a keyring of the first version opens, and counts from then on', async (t) => {
  const home = newHome(t)
  const [keyring, older] = [join(home, 'keyring'), `${home}-older`]
  t.teardown(() => rmSync(older, { force: true }))
  await using(home, async () => undefined)
  const { slots, sealed } = readKeyringFile(new Uint8Array(readFileSync(keyring)))
  const master = await masterByFile(slots, new Uint8Array(readFileSync(join(home, 'key'))))
  if (master === undefined) throw new Error('the key file opens nothing')
  const { homeKey } = openContents(sealed, master)
  const contents = createSeal(randomBytes)(aeadKey(master), encode([readBytes(homeKey, 32), []]), label('keyring'))
  const [magic = '', , slotValues = []] = readArray(decode(new Uint8Array(readFileSync(keyring))))
  writeFileSync(keyring, encode([magic, 1, slotValues, contents]))
  copyFileSync(keyring, older)
  await using(home, async (store) => await say(store, 5, 'words'))
  await using(home, (store) => Promise.resolve(void t.equal(textAt(store, under(5, 5)), 'words')))
  renameSync(older, keyring)
  await t.rejects(open(home), { code: 'STORE_DAMAGED' })
})
