import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { sizeText } from '../../../daemon/cli/size-text.ts'
import type { Message } from '../../../protocol/http-conversations.ts'
import { readBlobId, readConversationId } from '../../../protocol/ids.ts'
import { pngOf } from '../../support/sample-files.ts'
import { runApi, shortFolder } from '../../support/running-api.ts'
import { runLine, warren, type Ended } from '../../support/warren-process.ts'

t.setTimeout(240_000)

const parse = ({ stdout }: Ended): unknown => JSON.parse(stdout)

async function* oneByte(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from('x'))
}

t.test('a file is sent, told in the log, and saved as it was', async (t) => {
  const { home, owner } = await runApi(t)
  const folder = shortFolder(t)
  const run = async (...words: string[]): Promise<Ended> => await runLine([...words, '--home', home])
  const { conversation = '' } = owner.meet('bob', 'accepted')
  const picture = pngOf(20, 10)
  const long = Buffer.alloc(3_000_000, 7)
  writeFileSync(join(folder, 'holiday.png'), picture)
  writeFileSync(join(folder, 'long.bin'), long)
  const both = ['--file', join(folder, 'holiday.png'), '--file', join(folder, 'long.bin')]
  const sent = await run('send', 'bob', ...both, 'Look', 'at these', '--json')
  t.strictSame([sent.code, sent.stderr], [0, ''])
  t.match(parse(sent), {
    conversation,
    attachments: [
      { name: 'holiday.png', type: 'image/png', size: picture.length },
      { name: 'long.bin', type: 'application/octet-stream', size: long.length },
    ],
  })
  t.match(await run('send', 'bob', '--file', join(folder, 'holiday.png')), { code: 0, stdout: 'stored: file to bob\n' })
  const { id: group } = await owner.groups.create({ kind: 'group', name: 'Lake', members: [] })
  const put = await run('group', 'set', 'Lake', '--picture', join(folder, 'holiday.png'), '--json')
  const { picture: shown } = (parse(put) as { group: { picture: { id: string; url: string } } }).group
  t.match(shown.url, /^\/api\/v1\/blobs\//)
  t.ok(owner.room.find(readConversationId(group), readBlobId(shown.id)), 'it is in the group')
  const log = (await run('log', 'bob')).stdout
  t.match(
    log,
    /you \(stored\): Look at these\n {18}\[file \w{8}: holiday\.png, \d+ bytes\]\n {18}\[file \w{8}: long\.bin, 3\.0 MB\]\n/,
  )
  const [first] = parse(await run('log', 'bob', '--json')) as Message[]
  const into = join(folder, 'into')
  mkdirSync(into)
  const saved = await run('save', 'bob', first?.id.slice(0, 12) ?? '', '--to', into, '--json')
  t.strictSame([saved.code, saved.stderr], [0, ''])
  t.match(parse(saved), [{ file: join(into, 'holiday.png'), bytes: picture.length }, { bytes: long.length }])
  t.ok(readFileSync(join(into, 'holiday.png')).equals(picture))
  t.ok(readFileSync(join(into, 'long.bin')).equals(long))
  const { id = '' } = first?.attachments?.[1] ?? {}
  const one = await run('save', 'bob', id.slice(0, 10), '--to', join(into, 'own name'))
  t.match(one, { code: 0, stdout: 'saved: own name, 3.0 MB\n' }, 'one of several, by its own id')
  t.match(await run('save', 'bob', id, '--to', join(into, 'own name')), { code: 1, stderr: /is there already/ })
  t.equal((await run('save', 'bob', id, '--to', join(into, 'own name'), '--force')).code, 0)
  t.match(await run('save', 'bob', first?.id ?? '', '--to', join(folder, 'nowhere')), {
    code: 2,
    stderr: /go into a folder/,
  })
})

t.test('names of others are never paths, and nothing is overwritten', async (t) => {
  const { home, owner } = await runApi(t)
  const folder = shortFolder(t)
  const { conversation = '' } = owner.meet('bob', 'accepted')
  const names = ['../../escape', '/etc/passwd', '.bashrc', '-rf', 'CON.txt', 'a\u202eb\u0000.txt', '..', 'same', 'same']
  const ids: string[] = []
  for (const name of names) {
    // As the room has it from a peer: no desk has cleaned it.
    const { id } = await owner.room.add(readConversationId(conversation), oneByte(), { name, type: 'text/plain' })
    ids.push(id)
  }
  await owner.post(conversation, { text: '', clientId: 'c', attachments: ids })
  const ended = await runLine(['save', 'bob', 'last', '--to', folder, '--home', home, '--json'])
  const saved = parse(ended) as { file: string }[]
  t.equal(saved.length, names.length)
  for (const { file } of saved) {
    t.ok(file.startsWith(`${folder}/`) && !file.slice(folder.length + 1).includes('/'), file)
    t.match(file.slice(folder.length + 1), /^[\p{L}\p{N}_]/u)
    t.ok(existsSync(file))
  }
  t.equal(new Set(saved.map(({ file }) => file)).size, names.length)
})

t.test('what is not here is asked for, and waited for only with --wait', async (t) => {
  const { home, owner } = await runApi(t)
  const folder = shortFolder(t)
  const conversation = readConversationId(owner.meet('bob', 'accepted').conversation)
  const { id } = owner.room.missing(conversation, Buffer.from('far away'), 'far.txt', 'text/plain')
  await owner.post(conversation, { text: 'see', clientId: 'c', attachments: [id] })
  const line = ['save', 'bob', 'last', '--to', folder, '--home', home]
  t.match(
    (await runLine(['log', 'bob', '--home', home])).stdout,
    /far\.txt, 8 bytes, not here: warren save fetches it\]/,
  )
  t.match(await runLine(line), { code: 1, stderr: /^warren: far\.txt is not here yet; it was asked for/ })
  t.equal(owner.room.state(conversation, { id } as never).state, 'coming')
  t.match((await runLine(['log', 'bob', '--home', home])).stdout, /far\.txt, 8 bytes, on its way\]/)
  const waiting = warren([...line, '--wait'], { home })
  // Told before it listens or after: it is seen all the same.
  owner.room.arrive(conversation, readBlobId(id), 8)
  t.match(await waiting, { code: 0, stdout: 'saved: far.txt, 8 bytes\n' })
  t.equal(readFileSync(join(folder, 'far.txt'), 'utf8'), 'far away')
})

t.test('what cannot be sent is said before anything is', async (t) => {
  const { home, owner } = await runApi(t)
  const folder = shortFolder(t)
  const { conversation = '' } = owner.meet('bob', 'accepted')
  writeFileSync(join(folder, 'a'), 'x'.repeat(1001))
  const run = async (...words: string[]): Promise<Ended> => await runLine([...words, '--home', home])
  t.match(await run('send', 'bob', '--file', join(folder, 'none')), { code: 1, stderr: /there is no file .*none/ })
  t.match(await run('send', 'bob', '--file', folder), { code: 1, stderr: /is no plain file/ })
  t.match(await run('send', 'bob'), { code: 2, stderr: /the message is empty/ })
  owner.room.mostBytes = 1000
  t.match(await run('send', 'bob', '--file', join(folder, 'a')), { code: 1, stderr: /a file has at most 1000 bytes/ })
  t.match(await run('save', 'bob', 'last'), { code: 1, stderr: /no message "last"/ })
  t.equal((await owner.messages(conversation, { limit: 10 })).items.length, 0)
})

t.test('sizes as people say them', async (t) => {
  for (const [bytes, text] of [
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [9949, '9.9 kB'],
    [9950, '10 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [104_857_600, '105 MB'],
    [2_500_000_000, '2.5 GB'],
  ] as const)
    t.equal(sizeText(bytes), text)
})
