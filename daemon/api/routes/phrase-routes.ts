/** The 24 words that bring a person back. */

import { createRoute } from '@hono/zod-openapi'
import type { Keys } from '../keys.ts'
import { BeginningAnew, PhraseAnswers, PhraseWish, RecoveryPhrase, ShownPhrase } from '../schemas/phrase.ts'
import { body, json, problem, type Routes, type TheOwner } from './route.ts'

const status = createRoute({
  method: 'get',
  path: '/recovery-phrase',
  summary: 'Whether the words of the recovery phrase are written down.',
  responses: { 200: json(RecoveryPhrase, 'Where the words are.'), ...problem },
})
const show = createRoute({
  method: 'post',
  path: '/recovery-phrase/show',
  summary: 'The 24 words, as long as they are not written down.',
  request: { body: body(PhraseWish) },
  responses: { 200: json(ShownPhrase, 'The words, and which of them will be asked for.'), ...problem },
})
const written = createRoute({
  method: 'post',
  path: '/recovery-phrase/written',
  summary: 'The owner wrote the words down, as three of them show: this device forgets them.',
  request: { body: body(PhraseAnswers) },
  responses: { 200: json(RecoveryPhrase, 'Where the words are.'), ...problem },
})

const beginning = createRoute({
  method: 'get',
  path: '/recovery-phrase/anew',
  summary: 'What it would do to begin the person anew.',
  responses: { 200: json(BeginningAnew, 'What it does.'), ...problem },
})

const anew = createRoute({
  method: 'post',
  path: '/recovery-phrase/anew',
  summary: 'The words are lost: begin the person anew with others, and ask contacts to follow. The house opens anew.',
  request: { body: body(PhraseWish) },
  responses: { 200: json(BeginningAnew, 'What it did.'), ...problem },
})

export function addPhraseRoutes(api: Routes, owner: TheOwner, keys: () => Keys): void {
  api.openapi(status, (c) => c.json(owner().ownDevices.phrase.status(), 200))
  api.openapi(show, async (c) => {
    await keys().checkOwner(c.req.valid('json').current, c.env.channel === 'socket')
    return c.json(owner().ownDevices.phrase.show(), 200)
  })
  api.openapi(beginning, (c) => c.json(owner().ownDevices.beginningAnew(), 200))
  api.openapi(anew, async (c) => {
    await keys().checkOwner(c.req.valid('json').current, c.env.channel === 'socket')
    return c.json(await owner().ownDevices.beginAnew(), 200)
  })
  api.openapi(written, async (c) => c.json(await owner().ownDevices.phrase.written(c.req.valid('json').answers), 200))
}
