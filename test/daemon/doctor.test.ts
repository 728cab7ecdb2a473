/** `warren doctor` as its owner calls it, and the one look at a time behind it. */

import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import t from 'tap'
import { Doctor } from '../../daemon/doctor/doctor.ts'
import { tables } from '../../daemon/store/store.ts'
import type { Examination, Finding } from '../../protocol/examination.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { runApi, shortFolder } from '../support/running-api.ts'
import { startWarren, warren, type Ended } from '../support/warren-process.ts'

t.setTimeout(240_000)

const settled = async (): Promise<void> => await new Promise((resolve) => void setImmediate(resolve))

const nothing = (): void => undefined
const start = 'start --no-open --no-mdns --listen 127.0.0.1 --api-port 0 --peer-port 0 --json'.split(' ')

t.test('a home that is well, with the daemon and without it', async (t) => {
  const home = join(shortFolder(t), 'home')
  const doctor = async (...words: string[]): Promise<Ended> => await warren(['doctor', ...words], { home })
  t.match(await doctor(), { code: 1, stdout: '', stderr: 'warren: there is no Warren home in this folder\n' })
  const daemon = startWarren(t, [...start, '--home', home], { home })
  await daemon.json()
  t.match(await doctor(), { code: 0, stdout: /^all is well: \d+ entr(?:y|ies) checked\n$/, stderr: '' })
  const running = JSON.parse((await doctor('--json', '--repair')).stdout) as Examination
  t.match(running, { state: 'done', repair: true, waiting: 0, findings: [] })
  daemon.child.kill('SIGTERM')
  await daemon.ended
  const stopped = JSON.parse((await doctor('--json')).stdout) as Examination
  t.match(stopped, { state: 'done', repair: false, total: running.total, waiting: 0, findings: [] })
  rmSync(join(home, 'keyring'))
  t.match(await doctor(), { code: 1, stdout: '', stderr: 'warren: the keyring file is missing\n' })
  t.match(await doctor('--repair'), { code: 1, stdout: '', stderr: 'warren: the keyring file is missing\n' })
  t.match(await doctor('now'), { code: 2 })
})

const passphrase = 'four tulips hum quietly'

/** Overwrites a row that says which conversations there are. */
async function harmConversation(home: string): Promise<void> {
  const database = new Level<Uint8Array, Uint8Array>(join(home, 'store'), {
    keyEncoding: 'view',
    valueEncoding: 'view',
  })
  const [key] = await database.keys({ gte: Uint8Array.of(tables.conversation), limit: 1 }).all()
  if (key?.[0] === tables.conversation) await database.put(key, new Uint8Array(40))
  await database.close()
}

t.test('a home that only its owner can open is mended with what its owner knows', async (t) => {
  const home = join(shortFolder(t), 'home')
  const run = async (words: string, ...lines: string[]): Promise<Ended> =>
    await warren(words.split(' '), { home, input: lines.map((line) => `${line}\n`).join('') })
  const startAgain = async (): Promise<void> => void (await startWarren(t, [...start, '--home', home], { home }).json())
  const files = (): string[] => readdirSync(home, { recursive: true, encoding: 'utf8' }).toSorted()

  await startAgain()
  t.match(await run('send self kept'), { code: 0 })
  t.match(await run('key-slots passphrase --remove-key-file --passphrase-stdin', passphrase), { code: 0 })
  const made = await run('key-slots recovery-key --json --passphrase-stdin', passphrase)
  const { recoveryKey } = JSON.parse(made.stdout) as { recoveryKey: string }
  t.match(await run('stop'), { code: 0 })

  t.match(await run('doctor', passphrase), { code: 2, stdout: '', stderr: /use --passphrase-stdin/ })
  t.match(await run('doctor --passphrase-stdin', passphrase), { code: 0, stdout: /^all is well/m, stderr: '' })

  rmSync(join(home, 'store', 'CURRENT'))
  t.match(await run('doctor'), { code: 1, stdout: /^1 file of the database is damaged/m }, 'seen without any key')
  const before = files()
  t.match(await run('doctor --repair'), { code: 2, stdout: '', stderr: /use --passphrase-stdin/ })
  const wrong = await run('doctor --repair --passphrase-stdin', 'four tulips hum loudly')
  t.strictSame(wrong, { code: 1, stdout: '', stderr: 'warren: this is not the passphrase\n' })
  t.strictSame(files(), before, 'nothing was touched')
  t.match(await run('doctor --repair --passphrase-stdin', passphrase), {
    code: 0,
    stdout:
      /^1 file of the database is damaged: mended\n(?:.*\n)*the database as it was is kept in the home as damaged-1\n/m,
  })

  await harmConversation(home)
  await startAgain()
  t.match(await run('unlock --passphrase-stdin', passphrase), { code: 1, stderr: /warren doctor/ })
  t.match(await run('doctor'), { code: 1, stderr: /^warren: the daemon is locked: warren unlock, or warren stop and/ })
  t.match(await run('stop'), { code: 0 })
  const withKey = '--recovery-key --passphrase-stdin'
  t.match(await run(`doctor ${withKey}`, recoveryKey), { code: 1, stdout: /^1 record beside the messages is damaged/m })
  t.match(await run(`doctor --repair ${withKey}`, recoveryKey), {
    code: 0,
    stdout: /damaged: mended\n(?:.*\n)*.*damaged-2\n/,
  })
  await startAgain()
  t.match(await run('unlock --passphrase-stdin', passphrase), { code: 0 })
  t.match(await run('log self'), { code: 0, stdout: /kept/ })
})

t.test('what was found is said in plain words, and left work is no success', async (t) => {
  const { home, owner } = await runApi(t)
  const say = async (findings: Finding[], repair: boolean): Promise<Ended> => {
    owner.lookedAt = { ...owner.lookedAt, state: 'none' }
    const answer = { ...owner.lookedAt, state: 'done' as const, repair, findings, waiting: 2 }
    owner.examine = () => answer
    return await warren(['doctor', ...(repair ? ['--repair'] : [])], { home })
  }
  t.match(await say([{ kind: 'order', count: 2, outcome: 'open' }], false), {
    code: 1,
    stdout: /^2 messages are missing in their list: mended by warren doctor --repair\n2 entries will be asked/,
    stderr: 'warren: something is left to do: see above\n',
  })
  t.match(await say([{ kind: 'order', count: 1, outcome: 'mended' }], true), {
    code: 0,
    stdout: /^1 message is missing in its list: mended\n/,
    stderr: '',
  })
  t.match(await say([{ kind: 'database', count: 1, outcome: 'open' }], true), {
    code: 1,
    stdout: /^1 file of the database is damaged: mended by warren stop, then warren doctor --repair\n/,
  })
  t.match(await say([{ kind: 'entry-missing', count: 9, outcome: 'wanted' }], true), {
    code: 1,
    stdout: /^9 messages are gone from the disk: asked of peers/,
  })
})

t.test('one look at a time; a failure and an end are told', async (t) => {
  let end: (error?: Error) => void = nothing
  const complaints: string[] = []
  const doctor = new Doctor({
    now: () => 5,
    log: (_, text) => void complaints.push(text),
    look: async ({ progress, signal }) => {
      progress(1, 2)
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')))
        end = (error) => (error === undefined ? resolve() : reject(error))
      })
      return { findings: [], waiting: 3 }
    },
  })
  t.match(doctor.begin(false), { state: 'running', startedAt: 5 })
  t.match(doctor.examination, { checked: 1, total: 2 })
  t.throws(() => doctor.begin(true), { code: 'CONFLICT' })
  end()
  await settled()
  t.match(doctor.examination, { state: 'done', waiting: 3, checked: 1 })
  doctor.begin(true)
  end(new WarrenError('STORE_FAILED', 'the disk failed'))
  await settled()
  t.match(doctor.examination, { state: 'failed', repair: true })
  t.strictSame(complaints, ['the data could not be checked'])
  doctor.begin(true)
  end(new WarrenError('STORE_DAMAGED', 'damaged'))
  await settled()
  t.match(doctor.examination, { state: 'done', findings: [{ kind: 'database', outcome: 'open' }] })
  doctor.begin(false)
  await doctor.close()
  t.equal(doctor.examination.state, 'failed')
  t.throws(() => doctor.begin(false), { code: 'CLOSING' })
})
