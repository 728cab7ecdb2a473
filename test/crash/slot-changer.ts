/** Changes the key slots of a home until it is killed; says what it begins and what is durable, a line each. */

import { randomBytes } from 'node:crypto'
import { createSeal } from '../../daemon/store/seal.ts'
import { addKeyFile, makeRecoveryKey, removeSlot, setPassphrase } from '../../daemon/store/slot-changes.ts'
import type { Secret } from '../../daemon/store/slot-opener.ts'
import { Vault } from '../../daemon/store/vault.ts'

const [, , home = '', opening = '{}'] = process.argv
const deps = { randomBytes, seal: createSeal(randomBytes) }

const vault = await Vault.hold(home, {}, deps)
const secret = JSON.parse(opening) as Secret | { readonly file: true }
if ('file' in secret) await vault.openByFile()
else await vault.openBySecret(secret)

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const has = (kind: string): boolean => vault.slots.some((slot) => slot.kind === kind)

async function run(name: string, change: () => Promise<string | void>): Promise<void> {
  say(`begin ${name}`)
  const answer = await change()
  say(`done ${name} ${answer ?? ''}`.trimEnd())
}

const recovery = async (): Promise<void> =>
  await run('recovery', async () => await makeRecoveryKey(vault, Date.now(), deps))
const file = async (): Promise<void> => await run('file', async () => await addKeyFile(vault, deps))
const remove = async (kind: 'file' | 'recovery' | 'passphrase'): Promise<void> => {
  if (has(kind)) await run(`remove-${kind}`, async () => await removeSlot(vault, kind))
}

say('open')
for (let round = 0; ; round += 1) {
  await file()
  for (let count = 0; count < 6; count += 1) {
    await recovery()
    await remove('file')
    await file()
    await remove('recovery')
  }
  const passphrase = `passphrase number ${randomBytes(6).toString('hex')}`
  const removeFile = round % 2 === 0
  await run(
    `${removeFile ? 'passphrase-only' : 'passphrase'} ${passphrase}`,
    async () => await setPassphrase(vault, { passphrase, madeAt: round, removeFile }, deps),
  )
  await recovery()
  await file()
  if (round % 3 === 1) await remove('passphrase')
}
