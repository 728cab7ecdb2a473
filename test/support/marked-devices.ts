/** Markers go through all that links devices and browsers. */

import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import type { CodeAnswer, PairAnswer } from '../../protocol/http-access.ts'
import type { Linking } from '../../protocol/http-devices.ts'
import type { ShownPhrase } from '../../protocol/http-phrase.ts'
import { phraseOf, seedOfPhrase } from '../../protocol/words.ts'
import { partsOf, type Described } from './api-words.ts'
import type { MarkedPerson, Markers } from './marked-person.ts'

/** Somebody gives their device a name, shows a code and thinks better of it; another one looks for a device that is not there. */
export async function linkDevices(
  t: Test,
  api: Described,
  markers: Markers,
  person: MarkedPerson,
  other: MarkedPerson,
): Promise<void> {
  const path = `/devices/${(await person.seat.me()).deviceId}`
  await person.ask(api, 'PATCH', path, { name: markers.word('device name') })
  await t.rejects(person.ask(api, 'DELETE', path), { code: 'SELF' })
  const { code = '', link = '' } = await person.ask<Linking>(api, 'POST', '/devices/linking', {})
  markers.text('code for a device', code)
  markers.text('link for a device', link.replace('warren:', '').slice(0, 60))
  // Behind the version and the person's id lies the secret.
  markers.bytes('link for a device', Buffer.from(link.replace('warren:', ''), 'base64url').subarray(0, 40))
  await t.rejects(person.ask(api, 'POST', '/devices/linking/confirm', {}), { code: 'CONFLICT' })
  await person.ask(api, 'POST', '/devices/linking/end', { differ: true })
  const address = `${markers.word('device host')}.invalid:1`
  await other.ask(api, 'POST', '/devices/linking', { code, address })
  await t.rejects(other.ask(api, 'POST', '/devices/linking', { code: `warren:${markers.word('broken link')}` }), {
    code: 'BAD_LINK',
  })
  await other.ask(api, 'POST', '/devices/linking/end', { differ: false })
}

/** The words of recovery are shown, and then written down. */
export async function writePhraseDown(api: Described, markers: Markers, person: MarkedPerson): Promise<void> {
  const wrong = { recoveryKey: markers.word('recovery key before the words') }
  await person.ask<ShownPhrase>(api, 'POST', '/recovery-phrase/show', { current: wrong })
  const current = { passphrase: markers.word('passphrase before the words') }
  const { words, asked } = await person.ask<ShownPhrase>(api, 'POST', '/recovery-phrase/show', { current })
  markers.text('recovery phrase', words.join(' '))
  markers.text('part of a recovery phrase', words.slice(0, 3).join(' '))
  markers.bytes('seed of the recovery key', seedOfPhrase(words.join(' ')))
  const answers = asked.map((place) => words[place - 1] ?? '')
  await person.ask(api, 'POST', '/recovery-phrase/written', { answers })
}

/** The words are lost: the home is another person's from then on, with other words. */
export async function loseWords(api: Described, markers: Markers, person: MarkedPerson): Promise<void> {
  const early = { recoveryKey: markers.word('recovery key before beginning anew') }
  // Refused: the words are here.
  await person.ask(api, 'POST', '/recovery-phrase/anew', { current: early }).catch(() => undefined)
  await writePhraseDown(api, markers, person)
  const { personId } = await person.seat.me()
  const current = { passphrase: markers.word('passphrase before beginning anew') }
  await person.ask(api, 'POST', '/recovery-phrase/anew', { current })
  for (;;) {
    const now = await person.seat.me().catch(() => undefined)
    if (now !== undefined && now.personId !== personId) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Somebody else types words of which one is none, then right ones, and looks for a person where nobody is. */
export async function lookForPerson(t: Test, api: Described, markers: Markers, other: MarkedPerson): Promise<void> {
  await t.rejects(other.ask(api, 'POST', '/devices/recovery', { words: markers.word('recovery word') }), {
    code: 'BAD_SHAPE',
  })
  const words = phraseOf(new Uint8Array(randomBytes(32))).join(' ')
  markers.text('words that were typed', words)
  markers.bytes('seed of words that were typed', seedOfPhrase(words))
  const address = `${markers.word('host of a helper')}.invalid:1`
  await other.ask(api, 'POST', '/devices/recovery', { words, address })
  const remove = [markers.word('lost device')]
  await t.rejects(other.ask(api, 'POST', '/devices/recovery/finish', { remove, askHelper: true }))
  await other.ask(api, 'POST', '/devices/recovery/end', {})
}

/** A browser that is paired, over TCP as a page does it. */
export async function pairBrowser(api: Described, markers: Markers, person: MarkedPerson): Promise<void> {
  const { url } = await person.ask<CodeAnswer>(api, 'POST', '/session/code', { printed: true })
  const code = new URL(url).hash.replace('#code=', '')
  markers.text('one-use code', code)
  const body = { code, nonce: randomBytes(16).toString('base64url'), label: markers.word('session label') }
  for (const each of partsOf(api, 'POST', '/session/pair', body)) markers.sent.add(each)
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${person.api}/api/v1/session/pair`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  const { secret, sessionId } = (await answer.json()) as PairAnswer
  markers.bytes('session secret', Buffer.from(secret, 'base64url'))
  markers.text('session id', sessionId)
}
