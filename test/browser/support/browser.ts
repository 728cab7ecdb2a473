/** Chromium for a file of tests, and pages that tell everything which went wrong in them. */

import { existsSync } from 'node:fs'
import type { Test } from 'tap'
import { chromium, type Browser, type BrowserContextOptions, type ConsoleMessage, type Page } from 'playwright-core'

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
/** Of several such switches the last one counts: the first lines are Playwright's own. */
const offFeatures =
  `AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose HttpsUpgrades HttpsFirstBalancedModeAutoEnable
  LensOverlay MediaRouter PaintHolding ThirdPartyStoragePartitioning AvoidCorsURLLoaderRestartOnRedirect TcpPortRandomizationWin
  OptimizationHints NetworkTimeServiceQuerying AimEnabled PreconnectToSearch msForceBrowserSignIn
  msEdgeUpdateLaunchServicesPreferredVersion
  WebUIOmniboxPopup WebUIOmniboxAimPopup`.split(/\s+/) // two pages under the address bar, which cost half a second in each window
const flags = `--no-sandbox --disable-gpu --disable-background-networking --disable-component-update
  --disable-sync --no-first-run --disable-features=${offFeatures.join(',')}`.split(/\s+/)

/** Whose page it is. */
export interface Visited {
  readonly name: string
  /** Where it is served. */
  readonly origin: string
  /** A fresh one-use link. */
  pageLink(): Promise<string>
}

export interface Look {
  readonly width?: 360 | 1280
  readonly scheme?: 'light' | 'dark'
}

export interface VisitOptions extends Look {
  /** Messages of the console that belong to the story, such as a daemon that does not answer. */
  readonly expected?: readonly RegExp[]
  /** Otherwise the page opens through a fresh one-use link. */
  readonly unpaired?: boolean
  readonly language?: string
  /** The test answers some requests itself: page.route() loses requests, or never ends them, on pages with a service worker. */
  readonly routed?: boolean
  readonly context?: BrowserContextOptions
}

/** Chromium writes these by itself whenever a request is not answered with success. */
export const consoleSays = {
  daemonGone:
    /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING)|503|WebSocket is closed before the connection/,
  refused: /Failed to load resource: the server responded with a status of/,
} as const

/** What Playwright says in the place of a service worker. */
const workerBlocked = /Service Worker registration blocked by Playwright/

const contextOptions = ({
  width = 1280,
  scheme = 'light',
  language,
  routed,
  context,
}: VisitOptions): BrowserContextOptions => ({
  viewport: width === 360 ? { width, height: 740 } : { width, height: 800 },
  colorScheme: scheme,
  locale: language ?? 'en-GB',
  serviceWorkers: routed === true ? 'block' : 'allow',
  ...context,
})

/** The pages of one test, each in a context of its own; what goes wrong in them is an assertion at the end. */
export class Visits {
  readonly #browser: Browser
  readonly #closers: (() => Promise<void>)[] = []
  readonly #problems: string[] = []
  readonly pages: Page[] = []

  constructor(browser: Browser) {
    this.#browser = browser
  }

  /** Opens the person's page. */
  async open(person: Visited, options: VisitOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext(contextOptions(options))
    context.setDefaultTimeout(60_000)
    this.#closers.push(async () => await context.close())
    await context.exposeFunction('tellTest', (text: string) => this.#problems.push(`${person.name}: ${text}`))
    await context.addInitScript(() => {
      const { tellTest } = globalThis as unknown as { tellTest: (text: string) => void }
      document.addEventListener('securitypolicyviolation', (event) =>
        tellTest(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`),
      )
    })
    // Every page of the context, those too that a test or the page itself opens.
    const expected = [...(options.expected ?? []), ...(options.routed === true ? [workerBlocked] : [])]
    context.on('page', (page) => this.#watch(page, person, expected))
    const page = await context.newPage()
    await page.goto(options.unpaired === true ? person.origin : await person.pageLink())
    // Who sends the page elsewhere before it has read its code takes that away from it.
    await page.waitForURL(({ hash }) => !hash.startsWith('#code='))
    return page
  }

  /** A page for somebody else's site, which is not watched: nothing of it is ours to keep clean. */
  async elsewhere(): Promise<Page> {
    const context = await this.#browser.newContext()
    context.setDefaultTimeout(60_000)
    this.#closers.push(async () => await context.close())
    const page = await context.newPage()
    this.pages.push(page)
    return page
  }

  #watch(page: Page, person: Visited, expected: readonly RegExp[] = []): void {
    this.pages.push(page)
    const note = (text: string): void => void this.#problems.push(`${person.name}: ${text}`)
    const stays = (url: string): boolean =>
      [person.origin, person.origin.replace('http', 'ws'), 'blob:', 'data:'].some((each) => url.startsWith(each))
    const isExpected = (message: ConsoleMessage): boolean => expected.some((each) => each.test(message.text()))
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !isExpected(message))
        note(`console: ${message.text()} ${message.location().url}`)
    })
    // A rejection that nobody handles is one of these, too.
    page.on('pageerror', (error) => note(`page error: ${error.stack ?? error.message}`))
    page.on('crash', () => note('crash'))
    page.on('dialog', (dialog) => {
      note(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('request', (request) => {
      if (!stays(request.url())) note(`request leaves: ${request.url()}`)
    })
    page.on('websocket', (socket) => {
      if (!stays(socket.url())) note(`socket leaves: ${socket.url()}`)
    })
  }

  /** What went wrong so far; it counts as seen. */
  takeProblems(): string[] {
    return this.#problems.splice(0)
  }

  async end(t: Test): Promise<void> {
    await Promise.all(this.#closers.map(async (close) => await close()))
    t.strictSame(this.#problems, [], 'no policy violation, no error, no request that leaves the origin')
  }

  /** What the pages showed when a test failed. */
  async tell(t: Test): Promise<void> {
    for (const page of this.pages) {
      const seen = await page
        .locator('body')
        .ariaSnapshot({ timeout: 2000 })
        .catch(() => '(closed)')
      t.comment(`${page.url()}\n${seen}`)
    }
  }
}

export type BrowserStory = (t: Test, visits: Visits) => Promise<void>

/** Declares the browser tests of one file; where there is no Chromium they are skipped by name. */
export class BrowserTests {
  readonly #t: Test
  readonly #isThere = existsSync(executablePath)
  readonly #flags: readonly string[]
  #browser: Promise<Browser> | undefined

  constructor(t: Test, extraFlags: readonly string[] = []) {
    this.#t = t
    this.#flags = [...flags, ...extraFlags]
    t.setTimeout(300_000)
    t.teardown(async () => await (await this.#browser)?.close())
  }

  /** Runs before the first test that needs it, and not at all without a browser. */
  async before(prepare: () => Promise<void>): Promise<void> {
    if (this.#isThere) await prepare()
  }

  test(name: string, story: BrowserStory): void {
    const skip = this.#isThere ? false : 'there is no Chromium here: set CHROMIUM to its path'
    void this.#t.test(name, { skip }, async (t) => {
      const visits = new Visits(await this.#launched())
      try {
        await story(t, visits)
      } catch (error) {
        await visits.tell(t)
        throw error
      } finally {
        await visits.end(t)
      }
    })
  }

  async #launched(): Promise<Browser> {
    this.#browser ??= chromium.launch({ executablePath, args: [...this.#flags] })
    return await this.#browser
  }
}
