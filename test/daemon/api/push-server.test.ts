/** Which push server wakes this device, as the page and the shell ask it. */

import t from 'tap'
import type { PushServerSettings } from '../../../protocol/http-push-server.ts'
import { limits } from '../../../protocol/limits.ts'
import { runApi } from '../../support/running-api.ts'

t.test('a push server is chosen, and none again', async (t) => {
  const { ask, signIn } = await runApi(t)
  const { token } = await signIn()
  const settings = async (): Promise<PushServerSettings> =>
    (await ask('GET', '/push-server', { token })).body as PushServerSettings
  t.strictSame(await settings(), { server: '', state: 'off', wakers: 0, groups: 0, groupsWithout: 0, former: [] })
  const chosen = await ask('PATCH', '/push-server', { token, body: { server: 'https://push.example' } })
  t.match([chosen.status, chosen.body], [200, { server: 'https://push.example', state: 'unregistered' }])
  const none = await ask('PATCH', '/push-server', { token, body: { server: '' } })
  t.match([none.status, none.body], [200, { server: '', state: 'off' }])
})

t.test('what is no push server is refused, and nothing changes', async (t) => {
  const { ask, signIn } = await runApi(t)
  const { token } = await signIn()
  const cases = [
    ['https://push.example/path', 400],
    ['http://push.example', 400],
    ['ftp://push.example', 400],
    [`https://${'x'.repeat(limits.addressBytes)}`, 413],
    ['https://elsewhere.example', 502],
  ] as const
  for (const [server, status] of cases)
    t.equal((await ask('PATCH', '/push-server', { token, body: { server } })).status, status, server)
  t.match((await ask('GET', '/push-server', { token })).body, { state: 'off' })
})
