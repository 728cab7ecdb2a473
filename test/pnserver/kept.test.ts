/** What is left behind: nothing that names anybody, on the disk, in the log, in the metrics or in Redis; and nothing that a thief could use. */

import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, RESP_TYPES } from '@redis/client'
import t, { type Test } from 'tap'
import { dayMs } from '../../pnserver/limits.ts'
import { createLog } from '../../pnserver/log.ts'
import { openLevelTable } from '../../pnserver/store/level-table.ts'
import { readRow } from '../../pnserver/store/row-bytes.ts'
import { publicBytes } from '../../protocol/crypto.ts'
import { openTarget, tokenHashOf } from '../../protocol/wake.ts'
import { byteForms, compressedTables, findForms, placesIn, textForms, type Form } from '../support/marker-search.ts'
import { startRedis, cannotRun } from './support/redis.ts'
import { ask, startRig, type Rig, type RigOptions } from './support/rig.ts'
import { sendWake, Sleeper, wakeBody } from './support/sleeper.ts'

t.setTimeout(300_000)
const minuteMs = 60_000
const contacts = [1, 2, 3, 4, 5]
const addressOf = (phone: number): string => `198.51.100.${phone + 10}`

/** A day: phones register, are woken by contacts who have addresses, wake again, revoke one, lose one. What must not be found is returned. */
async function dayOfTraffic(rig: Rig): Promise<Form[]> {
  const forms: Form[] = []
  const phones = Array.from({ length: 6 }, () => new Sleeper(rig))
  for (const [at, phone] of phones.entries()) {
    const attestation = await phone.settle(...contacts)
    forms.push(
      ...byteForms('a token', phone.target.token),
      ...byteForms('a token’s hash', tokenHashOf(phone.target.token)),
    )
    forms.push(...byteForms('a device’s key', publicBytes(phone.key)), ...byteForms('an attestation', attestation))
    forms.push(...textForms('an address', addressOf(at)), ...textForms('a topic', phone.target.topic))
    for (const contact of contacts) {
      const { capability, revokeSecret, noteKey } = phone.keysFor(contact)
      forms.push(...byteForms('a capability', capability), ...byteForms('a revoke secret', revokeSecret))
      forms.push(...byteForms('a note key', noteKey))
    }
  }
  for (let hour = 0; hour < 24; hour += 3) {
    rig.clock.aheadMs = hour * 60 * minuteMs
    for (const [at, phone] of phones.entries()) {
      const nonce = new Uint8Array(randomBytes(16))
      const note = new Uint8Array(randomBytes(160))
      const capability = hour === 6 ? new Uint8Array(randomBytes(32)) : phone.keysFor((hour % 5) + 1).capability
      forms.push(...byteForms('a nonce', nonce), ...byteForms('a note', note), ...byteForms('a capability', capability))
      const headers = { 'x-forwarded-for': addressOf(at), 'user-agent': 'marked-agent' }
      await sendWake(rig, wakeBody(capability, rig, { nonce, note }), { headers })
    }
    await rig.server.settled()
    if (hour === 9) rig.apple.answer = () => ({ is: 'rejectedConfig', reason: 'Forbidden' })
    if (hour === 12) rig.apple.answer = () => ({ is: 'gone', sinceMs: undefined })
    if (hour === 15)
      rig.apple.answer = async () => await Promise.reject(new Error(`about ${phones[0]?.target.token.join()}`))
    await phones[0]?.revoke(phones[0].keysFor(2))
  }
  rig.clock.aheadMs = dayMs
  await rig.server.sweep()
  return [...forms, ...textForms('an agent', 'marked-agent')]
}

/** Everything that the log and the metrics say, of which no line has a finer time than a day. */
async function saidBy(t: Test, rig: Rig): Promise<Buffer> {
  const metrics = await ask(`http://127.0.0.1:${rig.server.metricsPort}/metrics`)
  t.ok(rig.logged.length >= 2, 'there was something to say')
  for (const line of rig.logged) t.notMatch(line, /\d{2}:\d{2}|\d{10,}/)
  return Buffer.from(rig.logged.join('') + metrics.text)
}

async function started(t: Test, options: RigOptions): Promise<{ rig: Rig; forms: Form[]; said: Buffer }> {
  const rig = await startRig(t, options)
  const forms = await dayOfTraffic(rig)
  t.ok(rig.apple.wakes.length > 20, 'phones were woken')
  return { rig, forms, said: await saidBy(t, rig) }
}

t.test(
  'after a day of traffic the database, the log and the metrics hold no token, capability or address',
  async (t) => {
    const folder = t.testdir()
    const { rig, forms, said } = await started(t, { folder })
    const look = (): string[] => findForms([...placesIn(folder), { name: 'said', bytes: said }], forms)
    await rig.server.close()
    t.strictSame(look(), [])

    const table = await openLevelTable(join(folder, 'rows'))
    let rows = 0
    for await (const [key, value] of table.entries()) {
      if (key[0] !== 1) continue
      rows += 1
      t.ok([36, 36 + 1024].includes(value.length), 'a row is a day, a hash and what is sealed')
      t.ok(readRow(value).expiresDay < 100_000)
    }
    t.equal(rows, 30)
    await table.close()
    t.strictSame(compressedTables(placesIn(folder)), [], 'nothing hides in compressed blocks')
    writeFileSync(join(folder, 'planted'), forms[0]?.bytes ?? '')
    t.strictSame(look(), ['planted: a token'], 'what is there would be found')
  },
)

t.test('whoever steals the database and the server’s secret can open no row', async (t) => {
  const folder = t.testdir()
  const secret = randomBytes(32)
  const rig = await startRig(t, { folder, secrets: [secret] })
  const phone = new Sleeper(rig)
  await phone.settle(...contacts)
  await rig.server.close()
  const table = await openLevelTable(join(folder, 'rows'))
  const stolen: { id: Uint8Array; sealed: Uint8Array; hash: Uint8Array }[] = []
  for await (const [key, value] of table.entries()) {
    const { sealed, revokeHash } = readRow(value)
    if (key[0] === 1) stolen.push({ id: new Uint8Array(key.subarray(1)), sealed, hash: revokeHash })
  }
  await table.close()
  t.equal(stolen.length, contacts.length)
  const known = [secret, ...stolen.flatMap(({ id, hash }) => [id, hash])].map((each) => new Uint8Array(each))
  const guesses = [...known, ...known.map((each) => new Uint8Array(createHash('sha256').update(each).digest()))]
  for (const { sealed } of stolen) {
    for (const guess of guesses) t.throws(() => openTarget(guess, sealed), { code: 'CANNOT_DECRYPT' })
  }
  const [mine] = stolen
  const opens = contacts.filter((contact) => {
    try {
      return openTarget(phone.keysFor(contact).capability, mine?.sealed ?? secret).token.length === 32
    } catch {
      return false
    }
  })
  t.equal(opens.length, 1, 'the capability opens it, and its own row alone')
})

/** When each is forgotten at the latest, by itself. */
const longestMs: Readonly<Record<string, number>> = {
  day: 3 * dayMs,
  limit: dayMs,
  nonce: 10 * minuteMs,
  row: 182 * dayMs,
  taken: 91 * dayMs,
}

t.test('Redis holds nothing of it either, and nothing for ever', { skip: cannotRun }, async (t) => {
  const { url: redis } = await startRedis(t)
  const { forms, said } = await started(t, { redis })
  const client = createClient({ url: redis }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
  await client.connect()
  const parts: Buffer[] = [said]
  const kinds = new Set<string>()
  for await (const keys of client.scanIterator()) {
    for (const key of keys) {
      const type = await client.type(key)
      const value = type === 'zset' ? await client.zRange(key, 0, -1) : await client.get(key)
      parts.push(key, Buffer.isBuffer(value) ? value : Buffer.from(String(value)))
      const [, name = ''] = key.toString('latin1').split(':')
      const kind = name === 'limit' && type !== 'zset' ? 'nonce' : name
      kinds.add(kind)
      const leftMs = await client.pTTL(key)
      if (!(leftMs > 0 && leftMs <= (longestMs[kind] ?? 0))) t.fail(`${kind} is forgotten after ${leftMs} ms`)
    }
  }
  t.strictSame([...kinds].toSorted(), Object.keys(longestMs).toSorted())
  await client.close()
  t.ok(parts.length > 60, 'rows, limits and nonces were looked at')
  t.strictSame(findForms([{ name: 'redis', bytes: Buffer.concat(parts) }], forms), [])
})

t.test('the log says the same no more than once an hour', async (t) => {
  const lines: string[] = []
  let nowMs = dayMs
  const log = createLog(
    (line) => lines.push(line),
    () => nowMs,
  )
  for (const passedMs of [0, 1, 3_599_998, 1]) {
    nowMs += passedMs
    log('error', 'Redis does not answer')
    log('warn', 'something else')
  }
  t.equal(lines.length, 4)
  for (const line of lines) t.match(line, /^\{"day":"\d{4}-\d\d-\d\d","level":"(?:error|warn)","text":"[\w ]+"\}\n$/)
})
