/** The connection to Apple: how much goes over it, how it ends, and who may be at its other end. */

import { once } from 'node:events'
import { createServer as createOldServer } from 'node:https'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import t from 'tap'
import { openApnsProvider, type ApnsProvider } from '../../../pnserver/push/apns.ts'
import { pushLimits } from '../../../pnserver/push/waiting.ts'
import { apnsMessage as message, apnsRig, noteIn } from '../support/apns-rig.ts'
import { someKey, topic } from '../support/apple.ts'
import { createCertificates } from '../support/certificate.ts'
import { HandTimers } from '../support/hand-timers.ts'

t.setTimeout(300_000)

const never = new AbortController().signal

t.test('one stream until Apple allows more, and never more than it allows', async (t) => {
  const { provider, apple } = await apnsRig(t, { streams: 3 })
  const release = apple.hold()
  const sent = Promise.all(Array.from({ length: 20 }, () => provider.send(message(), never)))
  await apple.arrived(1)
  t.equal(apple.mostStreams, 1)
  release()
  t.match(
    await sent,
    Array.from({ length: 20 }, () => ({ is: 'delivered' })),
  )
  t.equal(apple.mostStreams, 3)
  t.equal(apple.door.connections, 1)
})

t.test(
  'after a GOAWAY what was not read goes over another connection, and what was read is answered on the old one',
  async (t) => {
    const { provider, apple, timers } = await apnsRig(t)
    await provider.send(message(), never)
    const release = apple.hold()
    const read = provider.send(message({ note: new Uint8Array(160).fill(1) }), never)
    await apple.arrived(2)
    apple.mishaps.push('goaway')
    const unread = provider.send(message({ note: new Uint8Array(160).fill(2) }), never)
    await timers.over(pushLimits.retryFirstMs)
    await apple.arrived(4)
    t.equal(apple.door.connections, 2)
    release()
    t.strictSame(await Promise.all([read, unread]), [{ is: 'delivered' }, { is: 'delivered' }])
    t.strictSame(
      apple.pushes.map(({ payload }) => noteIn(payload)[0] ?? 0).toSorted((a, b) => a - b),
      [1, 2, 7],
    )
  },
)

t.test('a connection that is open and mute is noticed, and its pushes go over another one', async (t) => {
  const { provider, apple, timers } = await apnsRig(t)
  await provider.send(message(), never)
  apple.mishaps.push('freeze')
  const sent = provider.send(message(), never)
  await apple.arrived(2)
  await timers.over(pushLimits.silenceMs)
  await timers.over(pushLimits.pongMs)
  await timers.over(pushLimits.retryFirstMs)
  t.strictSame(await sent, { is: 'delivered' })
  apple.door.freeze()
  timers.pass(pushLimits.quietMs)
  const next = provider.send(message(), never)
  await timers.over(pushLimits.pongMs)
  await timers.over(pushLimits.retryFirstMs)
  t.strictSame(await next, { is: 'delivered' }, 'one that was quiet for long is asked at once')
  t.equal(apple.door.connections, 3)
})

t.test('a request that is not answered ends, and the connection stays if somebody is there', async (t) => {
  const { provider, apple, timers } = await apnsRig(t)
  await provider.send(message(), never)
  apple.mishaps.push('silence')
  const sent = provider.send(message(), never)
  await apple.arrived(2)
  await timers.over(pushLimits.silenceMs)
  await timers.over(pushLimits.answerMs)
  await timers.over(pushLimits.retryFirstMs)
  t.strictSame(await sent, { is: 'delivered' })
  t.equal(apple.door.connections, 1)
})

/** A provider that is told to use another server than Apple's. */
async function strangerTo(origin: string, ca: string, timers: HandTimers): Promise<ApnsProvider> {
  const server = { origin, ca }
  return await openApnsProvider(
    { key: someKey(), topics: [topic], servers: { production: server, sandbox: server } },
    { timers, random: () => 1 },
  )
}

/** All tries that a push has where nobody can be reached. */
async function allTries(timers: HandTimers): Promise<void> {
  for (let next = 1; next < pushLimits.tries; next += 1) await timers.over(pushLimits.retryFirstMs * 2 ** (next - 1))
}

t.test('nothing is sent to whom no trusted authority vouches for', async (t) => {
  const { apple, timers } = await apnsRig(t)
  const provider = await strangerTo(`https://${apple.address}`, createCertificates().ca, timers)
  const sent = provider.send(message(), never)
  await allTries(timers)
  t.match(await sent, { is: 'later' })
  t.equal(apple.requests, 0)
  await provider.close()
})

t.test('a server that speaks no HTTP/2 is not spoken to', async (t) => {
  const { ca, cert, key } = createCertificates()
  let requests = 0
  const old = createOldServer({ cert, key }, (_request, response) => {
    requests += 1
    response.end()
  })
  old.listen(0, '127.0.0.1')
  await once(old, 'listening')
  const timers = new HandTimers()
  const provider = await strangerTo(`https://localhost:${(old.address() as AddressInfo).port}`, ca, timers)
  const sent = provider.send(message(), never)
  await allTries(timers)
  t.match(await sent, { is: 'later' })
  t.equal(requests, 0)
  await provider.close()
  old.close()
  await once(old, 'close')
})

t.test('close() waits for nobody who does not answer', async (t) => {
  const mute = createServer()
  mute.listen(0, '127.0.0.1')
  await once(mute, 'listening')
  const origin = `https://localhost:${(mute.address() as AddressInfo).port}`
  const provider = await openApnsProvider(
    { key: someKey(), topics: [topic], servers: { production: { origin }, sandbox: { origin } } },
    { timers: new HandTimers() },
  )
  const sent = provider.send(message(), never)
  const [socket] = (await once(mute, 'connection')) as [Socket]
  socket.on('error', () => undefined)
  await provider.close()
  t.match(await sent, { is: 'later' })
  socket.destroy()
  mute.close()
  await once(mute, 'close')
})
