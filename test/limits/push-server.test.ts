/** How much of what a push server answers is read. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { createAsk } from '../../daemon/push/ask.ts'
import { upTo } from './boundary.ts'

t.test('the answer of a push server', async (t) => {
  const server = createServer((request, response) => void response.end(Buffer.alloc(Number(request.url?.slice(1)))))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const ask = createAsk(() => ({ loopback: true, ownPorts: [] }), new AbortController().signal)
  await upTo(t, 'pushAnswerBytes', async (bytes) => {
    await ask(`http://127.0.0.1:${port}`, { method: 'GET', path: `/${bytes}`, timeoutMs: 30_000 })
  })
})
