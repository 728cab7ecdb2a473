/** The page in a browser: until its first screen is drawn, and how evenly a long conversation scrolls. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import type { CodeAnswer } from '../../../protocol/http-access.ts'
import type { Conversation } from '../../../protocol/http-conversations.ts'
import { Skipped, type Bench, type Row } from '../bench.ts'
import { bigHome } from '../big-home.ts'
import { openBrowser, reload, scrollFrames, serveBarePage } from '../browser.ts'
import type { Figure } from '../figure.ts'
import { copyHome, startDaemon } from '../pair.ts'
import { median, quantile } from '../statistics.ts'

const built = fileURLToPath(new URL('../../../build/ui/index.html', import.meta.url))

/** A signed-in page on the long conversation. */
async function openPage(bench: Bench, page: Page): Promise<void> {
  const { client } = await startDaemon(bench, copyHome(bench, await bigHome(bench.scale.page)))
  await client.ask('PATCH', '/me', { welcomed: true })
  const [conversation] = await client.list<Conversation>('/conversations')
  const { url } = await client.ask<CodeAnswer>('POST', '/session/code', { printed: true })
  await page.goto(url)
  await page.locator('[data-testid="conversation"]').first().waitFor({ state: 'visible' })
  await page.evaluate(`location.hash = '#/c/${conversation?.id}'`)
  await page.locator('[data-testid="messages"] .row').last().waitFor({ state: 'visible' })
}

const figure = (name: string, floor: number, measured: number, most: number): Figure => ({
  name,
  unit: 'ms',
  floor,
  measured,
  budget: { is: 'most', value: most },
})

export const page: Row = {
  name: 'page',
  about: 'the page with a long conversation in Chromium, against a bare page of plain rows',
  async run(bench) {
    if (!existsSync(built)) throw new Skipped('the page is not built: run make build')
    const browser = await openBrowser(bench)
    const options = { viewport: { width: 1280, height: 800 } }
    const [bare, full] = [await browser.newPage(options), await browser.newPage(options)]
    await bare.goto(await serveBarePage(bench))
    await openPage(bench, full)
    const { rounds, frames: count } = bench.scale
    const loads: [number[], number[]] = [[], []]
    const frames: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round += 1) {
      for (const [at, each] of [bare, full].entries()) {
        await each.bringToFront()
        loads[at]?.push(await reload(each))
        frames[at]?.push(...(await scrollFrames(each, count)))
      }
    }
    return [
      figure('load to first screen', median(loads[0]), median(loads[1]), 1000),
      figure(`frame of a scroll, ${bench.scale.page} messages, p50`, median(frames[0]), median(frames[1]), 20),
      figure('frame of a scroll, p95', quantile(frames[0], 0.95), quantile(frames[1], 0.95), 50),
    ]
  },
}
