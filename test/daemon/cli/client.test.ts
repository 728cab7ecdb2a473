/** The client of the local API where the daemon answers oddly. */

import { createServer } from 'node:http'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { Client } from '../../../daemon/cli/client.ts'
import { nameSocket } from '../../../daemon/local-socket.ts'
import { shortFolder } from '../../support/running-api.ts'

/** A daemon that gives these answers, one after the other; what it was asked. */
async function answering(t: Test, ...statuses: readonly number[]): Promise<{ client: Client; asked: string[] }> {
  const home = shortFolder(t)
  const asked: string[] = []
  const server = createServer((request, response) => {
    const status = statuses[asked.length] ?? 500
    request.setEncoding('utf8')
    let body = ''
    request.on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${body}`)
      response.writeHead(status, { connection: 'close' }).end(status === 200 ? '{"yes":true}' : '')
    })
  })
  const name = nameSocket(home)
  server.listen(name.path)
  await once(server, 'listening')
  t.teardown(async () => {
    name.release()
    server.close()
    await once(server, 'close')
  })
  return { client: new Client(home), asked }
}

t.test('a request that was cut off by a sleeping machine is made once more', async (t) => {
  const { client, asked } = await answering(t, 408, 200)
  t.strictSame(await client.ask('POST', '/lock', { now: true }), { yes: true })
  t.strictSame(
    asked,
    Array.from({ length: 2 }, () => 'POST /api/v1/lock {"now":true}'),
  )
})

t.test('but no more than that, and nothing else is', async (t) => {
  const slow = await answering(t, 408, 408, 200)
  await t.rejects(slow.client.ask('GET', '/me'), { message: 'the daemon answered 408' })
  t.equal(slow.asked.length, 2)
  const failing = await answering(t, 500, 200)
  await t.rejects(failing.client.ask('GET', '/me'), { message: 'the daemon answered 500' })
  t.equal(failing.asked.length, 1)
})
