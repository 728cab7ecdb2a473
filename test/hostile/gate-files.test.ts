/** Files of a running daemon, from outside: what other sites, guessed addresses and odd ranges get of them. */

import t, { type Test } from 'tap'
import type { Attachment } from '../../protocol/http-files.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { readBlobId, blobIdOf, idBytes } from '../../protocol/ids.ts'
import { dangerous } from '../support/sample-files.ts'
import { request, startTarget } from './gate-target.ts'

t.setTimeout(240_000)

const words = 'words that only the owner may have '.repeat(400)

/** Numbers that look random and are the same in each run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state >>> 8
  }
}

async function* inOne(text: string | Buffer): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text))
}

/** A file in the notes, with the address that a browser's session was told. */
async function started(t: Test, bytes: string | Buffer = words) {
  const target = await startTarget(t)
  const { id } = await target.client.ask<Conversation>('POST', '/conversations', { kind: 'self' })
  const query = new URLSearchParams({ conversation: id, name: 'a.png', type: 'image/png' })
  const length = Buffer.from(bytes).length
  const file = await target.client.upload<Attachment>(`/blobs?${query.toString()}`, inOne(bytes), length)
  const token = await target.prove(await target.pair())
  const { body } = await target.ask('GET', `/conversations/${id}/attachments/${file.id}`, undefined, token)
  return { target, conversation: id, token, file, url: (body as Attachment).url ?? '' }
}

/** All at once, some at a time. */
async function each<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const left = items[Symbol.iterator]()
  const one = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true; next = left.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: 32 }, one))
}

const quiet = (t: Test, body: string, what: string): void => {
  if (body.includes('only the owner')) t.fail(`${what} gave words away`)
}

const fourBytes = (type: string): string[] => [`Content-Type: ${type}`, 'Content-Length: 4']

t.test('another site can neither add a file nor fetch one', async (t) => {
  const { target, conversation, url, token } = await started(t)
  const path = `/api/v1/blobs?conversation=${conversation}`
  const before = await target.state()
  const foreign = [
    ['Origin: http://evil.example'],
    ['Sec-Fetch-Site: cross-site'],
    ['Sec-Fetch-Site: same-site'],
    ['Origin: null', 'Sec-Fetch-Site: cross-site'],
  ]
  for (const headers of foreign) {
    // With a token even, which no other site has.
    const all = [target.ownHost, ...headers, `Authorization: Bearer ${token}`, ...fourBytes('application/octet-stream')]
    t.equal((await target.raw(request('POST', path, all, 'evil'))).status, 403, headers.join())
    const got = await target.raw(request('GET', url, [target.ownHost, ...headers]))
    t.equal(got.status, 403, headers.join())
    quiet(t, got.body, headers.join())
  }
  // What a form or a simple request can send.
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
    t.equal((await target.raw(request('POST', path, [target.ownHost, ...fourBytes(type)], 'evil'))).status, 400, type)
  const plain = [target.ownHost, ...fourBytes('application/octet-stream')]
  t.equal((await target.raw(request('POST', path, plain, 'evil'))).status, 401, 'nobody')
  const asked = await target.raw(request('OPTIONS', path, [target.ownHost, 'Access-Control-Request-Method: POST']))
  t.notMatch(asked.head, /access-control-allow/)
  t.strictSame(await target.state(), before)
})

t.test('600 guessed and changed addresses of a file are refused alike', async (t) => {
  const { target, url, file } = await started(t)
  t.equal((await target.raw(request('GET', url, [target.ownHost]))).status, 200)
  const random = numbers(416)
  const next = (most: number): number => random.next().value % most
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.=%&'
  const at = url.indexOf('ticket=') + 'ticket='.length
  const guesses = Array.from({ length: 600 }, (_, turn) => {
    if (turn % 4 === 0) return url.slice(0, at) + Array.from({ length: next(120) }, () => letters[next(63)]).join('')
    if (turn % 4 === 1) {
      const other = blobIdOf(idBytes(readBlobId(file.id)).map((byte, place) => (place === next(32) ? byte ^ 1 : byte)))
      if (other !== file.id) return url.replace(file.id, other)
    }
    const place = at + next(url.length - at)
    const letter = letters[next(letters.length)] ?? 'x'
    // The last letter of a proof has bits that say nothing.
    const isSame = letter === url[place] || place === url.length - 1
    return url.slice(0, place) + (isSame ? '!' : letter) + url.slice(place + 1)
  })
  const seen = new Map<string, number>()
  await each(guesses, async (guess) => {
    const { status, body } = await target.raw(request('GET', guess, [target.ownHost]))
    quiet(t, body, guess)
    const answer = status === 403 ? body : String(status)
    seen.set(answer, (seen.get(answer) ?? 0) + 1)
  })
  const refusals = [...seen.keys()].filter((answer) => answer.startsWith('{'))
  t.equal(refusals.length, 1, 'one answer for all of them')
  t.strictSame(
    [...seen.keys()].filter((answer) => !answer.startsWith('{') && !['400', '401', '413'].includes(answer)),
    [],
    'and shapes that are none',
  )
  t.equal((await target.raw(request('GET', url, [target.ownHost]))).status, 200, 'the right one counts still')
})

const rangeOf = (next: (most: number) => number, size: number): string => {
  const values = [
    '',
    '0',
    '1',
    String(next(size)),
    String(size - 1),
    String(size),
    '9'.repeat(1 + next(30)),
    '-1',
    'x',
    ' ',
  ]
  const pick = (): string => values[next(values.length)] ?? ''
  const unit = ['bytes', 'bytes', 'bytes', 'Bytes', 'lines', ''][next(6)] ?? ''
  const ranges = Array.from({ length: 1 + next(3) }, () => `${pick()}-${pick()}`).join(',')
  return `${unit}=${ranges}`
}

t.test('250 odd ranges give what they name, all of it, or nothing', async (t) => {
  const { target, url } = await started(t)
  const size = Buffer.byteLength(words)
  const random = numbers(206)
  const next = (most: number): number => random.next().value % most
  const seen = new Map<number, number>()
  const ranges = Array.from({ length: 250 }, () => rangeOf(next, size))
  await each(ranges, async (range) => {
    const { status, head, body } = await target.raw(request('GET', url, [target.ownHost, `Range: ${range}`]))
    seen.set(status, (seen.get(status) ?? 0) + 1)
    const [, from = 0, to = 0] = (/content-range: bytes (\d+)-(\d+)\//.exec(head) ?? []).map(Number)
    const isRight =
      (status === 206 && body === words.slice(from, to + 1)) ||
      (status === 200 && body === words) ||
      (status === 416 && body.includes('BAD_RANGE'))
    if (!isRight) t.fail(`${range}: ${status} ${head.slice(0, 200)}`)
  })
  for (const status of [200, 206, 416]) t.ok((seen.get(status) ?? 0) > 0, `${status} was among them`)
})

t.test('a page that was sent as a picture is saved, and runs nothing where it is opened all the same', async (t) => {
  const { target, url } = await started(t, dangerous['html'])
  const opened = ['Sec-Fetch-Site: none', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document']
  for (const headers of [[], opened]) {
    const { head } = await target.raw(request('GET', url, [target.ownHost, ...headers]))
    t.match(head, /content-type: application\/octet-stream\r/)
    t.match(head, /content-disposition: attachment; filename="a.png"/)
    t.match(head, /content-security-policy: default-src 'none'; sandbox\r/)
    t.match(head, /x-content-type-options: nosniff/)
  }
})
