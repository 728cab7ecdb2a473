/** What every Link must do, run against both ends of one. */

import type { Test } from 'tap'
import type { Link, SyncFrame } from '../../daemon/sync/link.ts'
import { byeCodes } from '../../protocol/frames.ts'
import { personIdOf } from '../../protocol/ids.ts'

export interface LinkHarness {
  readonly here: Link
  readonly there: Link
  /** Breaks the connection without a word. */
  cut(): void | Promise<void>
  stop(): void | Promise<void>
  /** A simulated link may be harsher than a real one: its close() loses what is still queued. */
  readonly losesTail?: boolean
}

const scope = personIdOf(new Uint8Array(32))
const frame = (value: number | Uint8Array): SyncFrame => ({ is: 'live', scope, what: 1, value })
const big = frame(new Uint8Array(200_000))

async function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal.aborted) return
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
}

/** Reads so many frames, or all until the link ends. */
async function take(link: Link, most = Infinity): Promise<unknown[]> {
  const values: unknown[] = []
  for await (const each of link.frames) {
    if (each.is === 'live') values.push(each.value instanceof Uint8Array ? each.value.length : each.value)
    if (values.length >= most) break
  }
  return values
}

export function linkContract(t: Test, name: string, make: () => Promise<LinkHarness>): void {
  const test = (what: string, run: (t: Test, harness: LinkHarness) => Promise<void>): void => {
    void t.test(`${name}: ${what}`, async (t) => {
      const harness = await make()
      t.teardown(() => harness.stop())
      await run(t, harness)
    })
  }

  test('frames arrive both ways, whole and in order', async (t, { here, there }) => {
    for (let at = 0; at < 500; at += 1) here.send(frame(at))
    there.send(frame(1))
    const [values, back] = await Promise.all([take(there, 500), take(here, 1)])
    t.same(
      values,
      Array.from({ length: 500 }, (_, at) => at),
    )
    t.same(back, [1])
  })

  test('each end names the other device and its boot', async (t, { here, there }) => {
    t.not(here.device, there.device)
    t.match(here.bootId, /^[a-z2-7]{13}$/)
    t.match(here.address, /^\//)
  })

  test('close() is seen at once by both ends, and ends the frames', async (t, { here, there }) => {
    const [left, right] = [take(here), take(there)]
    t.equal(here.closed.aborted, false)
    const closing = here.close(byeCodes.closing, 'bye')
    t.equal(here.closed.aborted, true)
    await Promise.all([aborted(there.closed), closing])
    t.same(await left, [])
    t.same(await right, [])
  })

  test('what was sent before close() still arrives', async (t, { here, there, losesTail = false }) => {
    const reading = take(there)
    for (let at = 0; at < 5; at += 1) here.send(frame(at))
    await here.close(byeCodes.closing)
    const values = await reading
    t.same(values, [0, 1, 2, 3, 4].slice(0, losesTail ? values.length : 5))
  })

  test('close() twice, or from both ends at once, never rejects', async (t, { here, there }) => {
    const reading = [take(here), take(there)]
    await Promise.all([here.close(byeCodes.closing), here.close(byeCodes.badPeer), there.close(byeCodes.replaced)])
    await Promise.all(reading)
    await here.close(byeCodes.closing)
    t.ok(here.closed.aborted && there.closed.aborted)
  })

  test('send() after the end is ignored, and drained() resolves', async (t, { here, there }) => {
    const reading = take(there)
    await here.close(byeCodes.closing)
    here.send(frame(1))
    await here.drained(0)
    t.same(await reading, [])
    t.equal(here.backlog, 0)
  })

  test('a cut connection ends both ends, their frames and their waits', async (t, harness) => {
    const { here, there } = harness
    for (let at = 0; at < 100; at += 1) here.send(big)
    const drained = here.drained(1)
    await harness.cut()
    await Promise.all([aborted(here.closed), aborted(there.closed), drained])
    await Promise.all([take(here), take(there)])
    t.ok(here.closed.aborted && there.closed.aborted)
  })

  test('a reader that stands still fills the backlog, and drained() waits for it', async (t, { here, there }) => {
    for (let at = 0; at < 60; at += 1) here.send(big)
    let drained = false
    const wait = async (): Promise<void> => {
      await here.drained(1_000_000)
      drained = true
    }
    const waiting = wait()
    t.same(await take(there, 0.5), [200_000])
    t.ok(here.backlog > 1_000_000, 'the sender holds what the reader does not take')
    t.equal(drained, false)
    await here.close(byeCodes.closing)
    await waiting
  })

  test('a slow reader gets everything', async (t, { here, there }) => {
    const sent = Promise.withResolvers<void>()
    const write = async (): Promise<void> => {
      for (let at = 0; at < 60; at += 1) {
        here.send(big)
        await here.drained(1_000_000)
        t.ok(here.backlog < 1_000_000)
      }
      sent.resolve()
    }
    const [values] = await Promise.all([take(there, 60), write(), sent.promise])
    t.equal(values.length, 60)
  })
}
