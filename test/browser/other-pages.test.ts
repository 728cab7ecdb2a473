/** Web pages of others in the owner's browser, one of which rebinds its name to our port: they read nothing and change nothing. */

import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import t from 'tap'
import type { Me } from '../../protocol/http-people.ts'
import { BrowserTests } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'

// A name of somebody else that leads to this machine, as DNS rebinding makes it.
const browser = new BrowserTests(t, ['--host-resolver-rules=MAP evil.example 127.0.0.1'])
const alice = new Person('alice', { listen: [] })
await browser.before(async () => await startPeople(t, alice))

const portOf = (person: Person): number => Number(new URL(person.origin).port)

async function serve(port = 0): Promise<Server> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>evil</title><body>')
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** Everything that a page can try on `origin`; what it could read of each attempt. Runs in the page. */
async function attack(origin: string): Promise<Record<string, string>> {
  const seen: Record<string, string> = {}
  const attempt = async (name: string, work: () => Promise<string>): Promise<void> => {
    seen[name] = await work().catch(() => 'nothing')
  }
  const read = async (path: string, init: RequestInit = {}): Promise<string> => {
    const answer = await fetch(origin + path, init)
    if (answer.type === 'opaque') return 'nothing'
    const text = await answer.text()
    return text.includes('"code":"BAD_') ? 'refused' : `${answer.status} ${text}`
  }
  const load = async (name: string, attributes: Record<string, string>): Promise<void> => {
    const element = document.createElement(name)
    const ended = new Promise<string>((resolve) => {
      element.addEventListener('load', () => resolve('loaded'))
      element.addEventListener('error', () => resolve('nothing'))
    })
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
    document.body.append(element)
    seen[name] = await ended
  }
  const body = '{"name":"mallory","text":"x","clientId":"x","kind":"self","code":"x","address":"127.0.0.1:1"}'
  for (const path of ['/', '/api/v1/health', '/api/v1/me', '/api/v1/sessions']) {
    await attempt(`GET ${path}`, async () => await read(path))
    await attempt(`GET ${path} no-cors`, async () => await read(path, { mode: 'no-cors' }))
  }
  for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
    for (const path of ['/api/v1/session/pair', '/api/v1/conversations', '/api/v1/stop', '/api/v1/me']) {
      const headers = { 'content-type': type }
      await attempt(`POST ${path} ${type}`, async () => await read(path, { method: 'POST', headers, body }))
      await attempt(`POST ${path} ${type} no-cors`, async () => {
        return await read(path, { method: 'POST', headers, body, mode: 'no-cors' })
      })
    }
  }
  await attempt(
    'PATCH',
    async () => await read('/api/v1/me', { method: 'PATCH', body, headers: { 'content-type': 'application/json' } }),
  )
  await load('script', { src: `${origin}/` })
  await load('link', { rel: 'stylesheet', href: `${origin}/styles.css` })
  await load('img', { src: `${origin}/icon.svg` })
  await attempt('beacon', async () => {
    navigator.sendBeacon(`${origin}/api/v1/stop`, new Blob(['{}'], { type: 'text/plain' }))
    return 'nothing'
  })
  await attempt('socket', async () => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/v1/events`)
    return await new Promise((resolve) => {
      socket.addEventListener('open', () => resolve('opened'))
      socket.addEventListener('error', () => resolve('nothing'))
    })
  })
  await attempt('events', async () => {
    const events = new EventSource(`${origin}/api/v1/events`)
    return await new Promise((resolve) => {
      events.addEventListener('open', () => resolve('opened'))
      events.addEventListener('error', () => resolve('nothing'))
    })
  })
  await attempt('frame', async () => {
    const frame = document.createElement('iframe')
    frame.src = `${origin}/`
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
    document.body.append(frame)
    await loaded
    const text = frame.contentDocument?.body.textContent ?? ''
    return text === '' || text.includes('BAD_') ? 'nothing' : text
  })
  await attempt('form', async () => {
    const frame = document.createElement('iframe')
    frame.name = 'target'
    const form = document.createElement('form')
    Object.assign(form, { method: 'POST', action: `${origin}/api/v1/stop`, target: 'target', enctype: 'text/plain' })
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }))
    document.body.append(frame, form)
    await loaded
    const answered = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }))
    form.submit()
    await answered
    return 'nothing'
  })
  return seen
}

const harmless = new Set(['nothing', 'refused'])

async function changesNothing(work: () => Promise<Record<string, string>>): Promise<[string, string][]> {
  const before = await alice.client.ask<Me>('GET', '/me')
  const seen = await work()
  const after = await alice.client.ask<Me>('GET', '/me')
  const changed: [string, string][] = before.name === after.name ? [] : [['name', after.name]]
  return [...changed, ...Object.entries(seen).filter(([, result]) => !harmless.has(result))]
}

async function evil(page: Page, url: string): Promise<void> {
  await page.goto(url)
  if ((await page.title()) !== 'evil') throw new Error('the page of somebody else was not shown')
}

browser.test('a page of another site, and one of another port of this machine', async (t, visits) => {
  const own = await visits.open(alice)
  await own.getByRole('heading', { name: 'It is quiet in here' }).waitFor()
  const server = await serve()
  const { port } = server.address() as AddressInfo
  const page = await visits.elsewhere()
  for (const name of ['evil.example', '127.0.0.1', 'localhost']) {
    await evil(page, `http://${name}:${port}/`)
    const leaks = await changesNothing(async () => await page.evaluate(attack, alice.origin))
    t.strictSame(leaks, [], `from ${name}`)
  }
  await stop(server)
  // Opening the page is all that a link may do; the opener sees nothing of it.
  t.equal((await alice.client.list('/sessions')).length, 1)
})

browser.test('a name that was rebound: to the browser its page and our port are one origin', async (t, visits) => {
  const port = portOf(alice)
  await alice.stop()
  const server = await serve(port)
  const page = await visits.elsewhere()
  const origin = `http://evil.example:${port}`
  await evil(page, origin)
  await stop(server)
  await alice.start()
  const results = await changesNothing(async () => await page.evaluate(attack, origin))
  t.strictSame(results, [])
  t.equal(
    await page.evaluate(async (url) => (await fetch(url)).status, `${origin}/api/v1/health`),
    403,
    'it was asked, and refused',
  )
})
