/**
 * A daemon inside an app on a phone, as docs/embedding.md explains it. The phone's system speaks on stdin, one JSON object a line; what
 * it is to show comes on stdout. usage: node scripts/embedding-example.ts [flags of warren start]
 */

import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { startDaemon } from '../daemon/daemon.ts'
import { readStartFlags, surroundings } from '../daemon/options.ts'

type FromSystem =
  /** The app came on the screen, or left it. */
  | { is: 'foreground' | 'background' }
  /** The system's name for this app on this phone, in hex, and the push server that the owner chose. */
  | { is: 'token'; token: string; topic: string; server: string }
  /** The owner looks at how this phone is woken. */
  | { is: 'settings' }
  /** A push: the code of a registration, or the note of a wake, in base64. */
  | { is: 'push'; code?: string; note?: string }

const flags = {
  home: { type: 'string' },
  name: { type: 'string' },
  'api-port': { type: 'string' },
  'peer-port': { type: 'string' },
  listen: { type: 'string', multiple: true },
  'no-mdns': { type: 'boolean' },
  'announce-loopback': { type: 'boolean' },
} as const

const show = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`)
const bytes = (text: string, encoding: 'hex' | 'base64'): Uint8Array => new Uint8Array(Buffer.from(text, encoding))

const daemon = await startDaemon({
  ...readStartFlags(parseArgs({ options: flags }).values, surroundings()),
  deviceClass: 'phone',
})
let isOnScreen = true
let pendingId: string | undefined

/** The system freezes an app soon after it said that it is done. */
async function sleepUnlessOnScreen(): Promise<void> {
  if (isOnScreen) return
  await daemon.suspend()
  show({ is: 'asleep' })
}

// What to tell the owner of. Nothing came: the push is shown as it is, for a system wants to see something.
daemon.onCame((conversations) => {
  for (const { conversation, count } of isOnScreen ? [] : conversations)
    show({ is: 'notification', conversation, count })
  void sleepUnlessOnScreen()
})

async function hear(said: FromSystem): Promise<void> {
  switch (said.is) {
    case 'foreground':
      isOnScreen = true
      await daemon.resume()
      return show({ is: 'awake', page: await daemon.issueCode(false) })
    case 'background':
      isOnScreen = false
      return await sleepUnlessOnScreen()
    case 'token': {
      const push = daemon.push()
      await push?.use(said.server)
      const { topic, token } = said
      const target = { platform: 'apns', environment: 'production', topic, token: bytes(token, 'hex') } as const
      pendingId = (await push?.register(target))?.pendingId
      return
    }
    case 'settings':
      return show({ is: 'settings', ...daemon.push()?.settings() })
    case 'push': {
      if (said.code === undefined) return await daemon.resume(bytes(said.note ?? '', 'base64'))
      await daemon.resume()
      const push = daemon.push()
      // A renewal asked for the code, unless the app did.
      await push?.verify(push.pendingId ?? pendingId ?? '', bytes(said.code, 'base64'))
      return show({ is: 'registered' })
    }
  }
}

show({ is: 'ready', listen: daemon.listen })
for await (const line of createInterface({ input: process.stdin })) await hear(JSON.parse(line) as FromSystem)
await daemon.close()
