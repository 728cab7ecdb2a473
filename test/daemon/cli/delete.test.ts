import t from 'tap'
import type { Conversation } from '../../../protocol/http-conversations.ts'
import { directId } from '../../../protocol/ids.ts'
import { personOf, type FakeOwner } from '../../support/fake-owner.ts'
import { runApi } from '../../support/running-api.ts'
import { warren, type Ended } from '../../support/warren-process.ts'

t.setTimeout(240_000)

const parse = ({ stdout }: Ended): unknown => JSON.parse(stdout)
const talk = (owner: FakeOwner): Conversation => {
  owner.meet('bob', 'accepted')
  owner.receive('bob', 'words')
  return owner.conversation(directId(owner.person, personOf('bob')))
}

t.test('delete asks, and deletes only after a yes', async (t) => {
  const { home, owner } = await runApi(t)
  const { id } = talk(owner)
  const run = async (input: string, ...words: string[]): Promise<Ended> => await warren(words, { home, input })
  for (const answer of ['', 'no\n', 'y\n'])
    t.match(await run(answer, 'delete', 'bob'), { code: 1, stderr: 'warren: nothing was deleted\n' })
  t.match(await run('', 'delete', 'bob', '--json'), { code: 2 }, 'nobody is asked by a script')
  t.equal(owner.conversation(id).id, id)
  t.match(await run('yes\n', 'delete', 'bob'), { code: 0, stdout: /deleted: bob\n$/ })
  t.throws(() => owner.conversation(id), { code: 'NOT_FOUND' })
  t.match(await run('', 'delete', 'bob', '--yes'), { code: 1, stderr: 'warren: there is nothing to delete\n' })
  t.strictSame(Object.keys(parse(await run('', 'delete', 'self', '--yes', '--json')) as object), ['deleted'])
})

t.test('log tells of a fork where it happened', async (t) => {
  const { home, owner } = await runApi(t)
  const conversation = talk(owner)
  const from = { id: personOf('bob'), name: 'bob' }
  const after = conversation.last?.order ?? (await owner.messages(conversation.id, { limit: 1 })).items[0]?.order ?? ''
  owner.receive('bob', 'of another generation')
  owner.forks.set(conversation.id, [{ from, mine: false, after, closed: false }])
  const lines = (await warren(['log', 'bob'], { home })).stdout.split('\n')
  t.match(lines[0], /words/)
  t.match(lines[1], /\* a device of bob has written two different histories/)
  t.match(lines[2], /of another generation/)
  t.match(parse(await warren(['log', 'bob', '--json'], { home })), [
    { text: 'words' },
    { system: 'fork', conversation: conversation.id, from, closed: false },
    { text: 'of another generation' },
  ])
})
