/** Takes the focus from a page, as when its owner turns to another window, and gives it back. */

import type { Page } from 'playwright-core'

/** Answers the way back. */
export async function lookAway(page: Page): Promise<() => Promise<void>> {
  // Playwright makes every page believe that it has the focus.
  const session = await page.context().newCDPSession(page)
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: false })
  const other = await page.context().newPage()
  await other.bringToFront()
  await page.waitForFunction(() => !document.hasFocus())
  return async () => {
    await other.close()
    await page.bringToFront()
    await session.send('Emulation.setFocusEmulationEnabled', { enabled: true })
    await page.waitForFunction(() => document.hasFocus())
  }
}
