/** Chromium for the page's rows, and the bare page that is their floor. */

import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { Skipped, type Bench } from './bench.ts'

const executables = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const flags = `--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update
  --disable-sync --no-first-run`.split(/\s+/)

/** Throws Skipped where there is no Chromium. */
export async function openBrowser(bench: Bench): Promise<Browser> {
  const executablePath = [process.env['CHROMIUM'], ...executables].find(
    (each) => each !== undefined && existsSync(each),
  )
  if (executablePath === undefined) throw new Skipped('there is no Chromium here: set CHROMIUM to its path')
  const { chromium } = await import('playwright-core')
  const browser = await chromium.launch({ executablePath, args: flags })
  bench.keep({ stop: async () => await browser.close() })
  return browser
}

const bareRows = 1000
const bareHtml = `<!doctype html><title>bare</title>
<div data-testid="messages" style="height: 600px; overflow: auto">${Array.from(
  { length: bareRows },
  (_, at) => `<div class="row" style="padding: 12px">Row ${at} of a page with nothing around it</div>`,
).join('')}</div>`

/** Serves a long page that needs no script, and answers its address. */
export async function serveBarePage(bench: Bench): Promise<string> {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(bareHtml))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  bench.keep({
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const rows = '[data-testid="messages"] .row'

/** Loads the page anew; ms until its first messages are drawn. */
export async function reload(page: Page): Promise<number> {
  await page.reload({ waitUntil: 'commit' })
  await page.locator(rows).last().waitFor({ state: 'visible' })
  return Number(await page.evaluate('performance.now()'))
}

interface Scroller {
  scrollTop: number
  readonly scrollHeight: number
}

interface Frames {
  requestAnimationFrame(step: (now: number) => void): void
}

/** Runs in the page, so it can use nothing of this file. */
async function scrollUp(element: unknown, count: number): Promise<number[]> {
  const scroller = element as Scroller
  const page = globalThis as unknown as Frames
  scroller.scrollTop = scroller.scrollHeight
  const frames: number[] = []
  return await new Promise((resolve) => {
    let before = 0
    const step = (now: number): void => {
      if (before > 0) frames.push(now - before)
      before = now
      scroller.scrollTop -= 90
      if (frames.length < count) page.requestAnimationFrame(step)
      else resolve(frames)
    }
    page.requestAnimationFrame(step)
  })
}

/** Scrolls up from the end by 90 px a frame; ms between frames. */
export async function scrollFrames(page: Page, frames: number): Promise<number[]> {
  return await page.locator('[data-testid="messages"]').evaluate(scrollUp, frames)
}
