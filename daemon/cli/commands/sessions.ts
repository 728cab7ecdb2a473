/** warren sessions: browsers that are signed in. */

import type { SessionInfo } from '../../../protocol/http-access.ts'
import { CommandError } from '../command-error.ts'
import type { Call, Command } from '../command.ts'
import { safeLine, timeText } from '../terminal.ts'

const path = ({ id }: SessionInfo): string => `/sessions/${encodeURIComponent(id)}`

async function revokeAll(call: Call): Promise<void> {
  const sessions = await call.client.list<SessionInfo>('/sessions')
  for (const session of sessions) await call.client.ask('DELETE', path(session))
  if (call.json) call.out.json({ revoked: sessions.map(({ id }) => id) })
  else call.out.line(sessions.length === 1 ? 'revoked one session' : `revoked ${sessions.length} sessions`)
}

async function revoke(call: Call, prefix: string): Promise<void> {
  const fitting = (await call.client.list<SessionInfo>('/sessions')).filter((session) => session.id.startsWith(prefix))
  const [session] = fitting
  if (session === undefined) throw new CommandError('NOT_FOUND', 'no such session')
  if (fitting.length > 1) throw new CommandError('AMBIGUOUS', 'several sessions begin so: use more of the id')
  await call.client.ask('DELETE', path(session))
  if (call.json) call.out.json({ revoked: session.id })
  else call.out.line(`revoked ${safeLine(session.label)}`)
}

export const command: Command = {
  name: 'sessions',
  arguments: '[revoke <id>|all]',
  summary: 'list or end browser sessions',
  description: [
    'Lists the browsers that may use the page: [{id, label, createdAt, usedAt, expiresAt}] with --json. A session ends when it was not used for 30 days, and after a year.',
    'revoke ends one by its id or the beginning of it, or all of them; an open page is cut off at once.',
  ],
  takes: [0, 2],
  examples: [
    ['warren sessions', 'Lists them.'],
    ['warren sessions revoke 7c3f', 'Ends one.'],
    ['warren sessions revoke all', 'Ends all, for instance after something else answered on the port.'],
  ],
  async run(call) {
    const [verb, id] = call.positionals
    if (verb === 'revoke' && id === 'all') return await revokeAll(call)
    if (verb === 'revoke' && id !== undefined) return await revoke(call, id)
    if (verb !== undefined) throw new CommandError('USAGE', 'usage: warren sessions [revoke <id>|all]')
    const sessions = await call.client.list<SessionInfo>('/sessions')
    if (call.json) return call.out.json(sessions)
    if (sessions.length === 0) return call.out.line('no browser has a session: warren open')
    return call.out.rows(
      sessions.map((session) => [
        session.id,
        safeLine(session.label),
        `last used ${timeText(session.usedAt)}`,
        `valid until ${timeText(session.expiresAt)}`,
      ]),
    )
  },
}
