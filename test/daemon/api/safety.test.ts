import t, { type Test } from 'tap'
import { Contact } from '../../../daemon/api/schemas/people.ts'
import { Safety, Verification } from '../../../daemon/api/schemas/safety.ts'
import { limits } from '../../../protocol/limits.ts'
import { personOf } from '../../support/fake-owner.ts'
import { fakeNumber } from '../../support/fake-safety.ts'
import { runApi, type Answer } from '../../support/running-api.ts'

function fails(t: Test, answer: Answer, status: number, code: string): void {
  t.equal(answer.status, status, answer.text)
  t.match(answer.body, { error: { code, message: String } })
}

t.test('a number is shown, compared and taken back, and every page hears of it', async (t) => {
  const { shell, owner } = await runApi(t)
  owner.meet('bob', 'accepted')
  const bob = `/contacts/${personOf('bob')}`
  const shown = await shell('GET', `${bob}/safety`)
  t.equal(shown.status, 200)
  t.strictSame(Safety.parse(shown.body), shown.body)
  const heard: string[] = []
  owner.bus.subscribe((event) => heard.push(event.type))
  const compared = await shell('POST', `${bob}/verification`, { body: { number: fakeNumber } })
  t.equal(compared.status, 200, compared.text)
  t.strictSame(Verification.parse(compared.body), compared.body)
  t.match(compared.body, { result: 'match', contact: { verified: true, verifiedAt: Number } })
  t.strictSame(heard, ['contact'])
  const cleared = await shell('DELETE', `${bob}/verification`)
  t.equal(cleared.status, 200)
  t.strictSame(Contact.parse(cleared.body), cleared.body)
  t.match(cleared.body, { verified: false, verifiedAt: undefined })
})

t.test('what does not match is an answer, and changes nothing', async (t) => {
  const { shell, owner } = await runApi(t)
  owner.meet('bob', 'accepted')
  const path = `/contacts/${personOf('bob')}/verification`
  const other = `1${fakeNumber.slice(1)}`
  const answer = await shell('POST', path, { body: { number: other } })
  t.match(answer, { status: 200, body: { result: 'other-number', contact: { verified: false } } })
  for (const result of ['own-code', 'other-person', 'not-for-you', 'other-keys']) {
    const scanned = await shell('POST', path, { body: { code: `warren:${result}` } })
    t.strictSame(Verification.parse(scanned.body), scanned.body)
    t.match(scanned.body, { result, contact: { verified: false } })
  }
})

t.test('what is refused', async (t) => {
  const { shell, owner } = await runApi(t)
  owner.meet('bob', 'accepted')
  const path = `/contacts/${personOf('bob')}/verification`
  for (const body of [{}, { number: '1', code: 'warren:x' }, { number: 1 }, { number: '' }, { verified: true }, []])
    fails(t, await shell('POST', path, { body: JSON.stringify(body) }), 400, 'BAD_SHAPE')
  for (const name of ['number', 'code'])
    fails(t, await shell('POST', path, { body: { [name]: 'x'.repeat(limits.contactLinkBytes + 1) } }), 413, 'TOO_LARGE')
  fails(t, await shell('POST', path, { body: { code: 'warren:?' } }), 400, 'BAD_LINK')
  const nobody = `/contacts/${personOf('nobody')}`
  fails(t, await shell('GET', `${nobody}/safety`), 404, 'NOT_FOUND')
  fails(t, await shell('POST', `${nobody}/verification`, { body: { number: fakeNumber } }), 404, 'NOT_FOUND')
  fails(t, await shell('DELETE', `${nobody}/verification`), 404, 'NOT_FOUND')
})
