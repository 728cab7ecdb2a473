/** What a page does with the camera: the streams that it opens, and the timers that run for them. */

import type { Page } from 'playwright-core'

interface Watched {
  opened: number
  readonly timers: Set<number>
  live(): number
  letGo(): Promise<void>
}

declare const watched: Watched

/** Counts from now on. The page waits for what is `held`: leave to use the camera, or its first picture, until letGo(). */
export async function watchCamera(page: Page, held: 'permission' | 'picture'): Promise<void> {
  await page.evaluate((held) => {
    const tracks: MediaStreamTrack[] = []
    const timers = new Set<number>()
    const gate = Promise.withResolvers<void>()
    const passed = Promise.withResolvers<void>()
    const counted: Watched = {
      opened: 0,
      timers,
      live: () => tracks.filter(({ readyState }) => readyState === 'live').length,
      letGo: async () => {
        gate.resolve()
        await passed.promise
        // What the page does then it does at once.
        await new Promise((resolve) => setTimeout(resolve))
      },
    }
    const { mediaDevices } = navigator
    const open = mediaDevices.getUserMedia.bind(mediaDevices)
    mediaDevices.getUserMedia = async (asked) => {
      counted.opened += 1
      if (held === 'permission') await gate.promise
      const stream = await open(asked)
      tracks.push(...stream.getTracks())
      if (held === 'permission') passed.resolve()
      return stream
    }
    if (held === 'picture') {
      HTMLVideoElement.prototype.play = async function (): Promise<void> {
        await HTMLMediaElement.prototype.play.call(this).catch(() => undefined)
        await gate.promise
        passed.resolve()
      }
    }
    const [begin, end] = [globalThis.setInterval.bind(globalThis), globalThis.clearInterval.bind(globalThis)]
    const setInterval = (run: () => void, ms: number): number => {
      const timer = begin(run, ms) as unknown as number
      timers.add(timer)
      return timer
    }
    const clearInterval = (timer: number): void => {
      timers.delete(timer)
      end(timer)
    }
    Object.assign(globalThis, { watched: counted, setInterval, clearInterval })
  }, held)
}

/** Resolves when what waited has gone on. */
export const letGo = async (page: Page): Promise<void> => await page.evaluate(async () => await watched.letGo())

/** Streams that were ever opened, tracks that are live, and timers that run. */
export interface CameraCounts {
  readonly opened: number
  readonly live: number
  readonly timers: number
}

/** Resolves with what there is when a stream is open, or its pictures are read; a code that is found ends both. */
export async function turnedOn(page: Page, what: 'stream' | 'reading'): Promise<CameraCounts> {
  const found = await page.waitForFunction((what) => {
    const counts = { opened: watched.opened, live: watched.live(), timers: watched.timers.size }
    return (what === 'stream' ? counts.live : counts.timers) > 0 && counts
  }, what)
  return (await found.jsonValue()) as CameraCounts
}

export const cameraCounts = async (page: Page): Promise<CameraCounts> =>
  await page.evaluate(() => ({ opened: watched.opened, live: watched.live(), timers: watched.timers.size }))
