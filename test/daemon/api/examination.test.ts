/** GET and POST /examination. */

import t from 'tap'
import * as schema from '../../../daemon/api/schemas/examination.ts'
import { runApi } from '../../support/running-api.ts'

t.test('a look through all data: none yet, begun, one at a time', async (t) => {
  const { shell, owner } = await runApi(t)
  const none = await shell('GET', '/examination')
  t.strictSame(schema.Examination.parse(none.body), none.body)
  t.match(none, { status: 200, body: { state: 'none', findings: [] } })
  const begun = await shell('POST', '/examination', { body: { repair: true } })
  t.match(begun, { status: 202, body: { state: 'running', repair: true } })
  t.match(await shell('POST', '/examination', { body: { repair: false } }), {
    status: 409,
    body: { error: { code: 'CONFLICT' } },
  })
  owner.lookedAt = {
    ...owner.lookedAt,
    state: 'done',
    findings: [{ kind: 'entry-missing', count: 3, outcome: 'wanted', conversation: 'abc' }],
  }
  const done = await shell('GET', '/examination')
  t.strictSame(schema.Examination.parse(done.body), done.body)
  t.strictSame(done.body, owner.lookedAt)
})

t.test('what is no wish for a look is refused', async (t) => {
  const { shell } = await runApi(t)
  for (const body of [{}, { repair: 'yes' }, { repair: true, more: 1 }, 7])
    t.match(await shell('POST', '/examination', { body }), { status: 400, body: { error: { code: 'BAD_SHAPE' } } })
})
