/** A daemon as an app on a phone runs it: registered with a push server, whose pushes come out at a stand-in for Apple's. */

import { randomBytes } from 'node:crypto'
import type { RunningDaemon } from '../../daemon/options.ts'
import type { PushTarget } from '../../protocol/wake.ts'
import { inApple, type WholeServer } from '../pnserver/support/whole-server.ts'
import { topic } from '../pnserver/support/apple.ts'

export const newTarget = (): PushTarget => ({
  platform: 'apns',
  environment: 'production',
  topic,
  token: new Uint8Array(randomBytes(32)),
})

const hex = ({ token }: PushTarget): string => Buffer.from(token).toString('hex')

/** What was pushed to a target so far: codes and notes. */
export const pushedTo = ({ production }: WholeServer, target: PushTarget): Uint8Array[] =>
  production.pushes.filter(({ token }) => token === hex(target)).map(({ payload }) => inApple(payload))

/** Proves the target to be this daemon's: asks for a code and brings what was pushed. */
export async function registerPhone(
  { daemon }: { readonly daemon: Pick<RunningDaemon, 'push'> },
  server: WholeServer,
  target = newTarget(),
): Promise<PushTarget> {
  const push = daemon.push()
  if (push === undefined) throw new Error('the daemon is locked')
  server.production.devices.set(hex(target), { topics: [topic] })
  await push.use(server.server.origin)
  const before = server.production.pushes.length
  const { pendingId } = await push.register(target)
  await server.production.delivered(before + 1)
  const code = pushedTo(server, target).at(-1)
  await push.verify(pendingId, code ?? new Uint8Array(0))
  return target
}
