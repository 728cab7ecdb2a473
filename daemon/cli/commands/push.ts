/** warren push: which push server wakes this device. */

import type { PushServerPatch, PushServerSettings } from '../../../protocol/http-push-server.ts'
import { CommandError } from '../command-error.ts'
import type { Call, Command } from '../command.ts'
import { safeLine, timeText } from '../terminal.ts'

const path = '/push-server'

const usage = (): CommandError => new CommandError('USAGE', 'usage: warren push [status|set <url>|off]')

const states: Readonly<Record<PushServerSettings['state'], string>> = {
  off: 'no push server is used: this device cannot be woken',
  unregistered: 'this device has not registered there: only the app of a phone does',
  unproven: 'registered, but the code that proves it has not come',
  registered: 'registered',
  expired: 'the registration ran out: it is renewed when the app is opened',
}

function show(call: Call, settings: PushServerSettings): void {
  if (call.json) return call.out.json(settings)
  const { server, state, wakers, expiresAt, problem } = settings
  if (server !== '') call.out.line(safeLine(server))
  call.out.line(
    states[state] + (expiresAt === undefined || state !== 'registered' ? '' : ` until ${timeText(expiresAt)}`),
  )
  if (state === 'registered') call.out.line(`${wakers} ${wakers === 1 ? 'person' : 'people'} can wake this device`)
  if (problem !== undefined)
    call.out.line(`the push server could not be told everything (${problem}); it is tried again`)
}

/** As people type it. */
const withScheme = (text: string): string => (/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`)

export const command: Command = {
  name: 'push',
  arguments: '[status|set <url>|off]',
  summary: 'which push server wakes this device',
  description: [
    'A phone that sleeps can be woken through a push server of your choice. It learns neither who you are, nor who writes to you, nor what; docs/pnserver.md says what it can see. No push server is used unless you set one, and a computer needs none.',
    'Who is a contact can wake this device then, and nobody else. set replaces the one before, off uses none; what was left at the one before is taken back there.',
    '<url> is https://…, or http:// with an address of your own network. Prints {server, state, wakers, …} with --json.',
  ],
  takes: [0, 2],
  examples: [
    ['warren push set https://push.example.org', 'Uses that server from now on.'],
    ['warren push off', 'Nobody can wake this device any more.'],
  ],
  async run(call) {
    const [action = 'status', server] = call.positionals
    if (action === 'status' && server === undefined)
      return show(call, await call.client.ask<PushServerSettings>('GET', path))
    const patch: PushServerPatch | undefined =
      action === 'set' && server !== undefined && server !== ''
        ? { server: withScheme(server) }
        : action === 'off' && server === undefined
          ? { server: '' }
          : undefined
    if (patch === undefined) throw usage()
    return show(call, await call.client.ask<PushServerSettings>('PATCH', path, patch))
  },
}
