/** Which room may import which (ARCHITECTURE.md), and what a set of files does against it. */

import { posix } from 'node:path'
import type { SourceFile } from './source-files.ts'

interface Rule {
  /** Rooms, or single files of other rooms. */
  readonly may: readonly string[]
  /** From these only types. */
  readonly types?: readonly string[]
}

/** What every room may use: neither knows a room. */
const ground = ['protocol', 'daemon/bus.ts', 'daemon/log.ts', 'daemon/timers.ts']
const onStore = { may: [...ground, 'daemon/store'] }

export const rules: Readonly<Record<string, Rule>> = {
  protocol: { may: [] },
  'daemon/bus.ts': { may: ['protocol'] },
  'daemon/log.ts': { may: [] },
  'daemon/log-file.ts': { may: [] },
  'daemon/timers.ts': { may: [] },
  'daemon/local-socket.ts': { may: ['protocol'] },
  'daemon/options.ts': { may: ['protocol', 'daemon/log.ts'] },
  'daemon/store': { may: ground },
  'daemon/closers.ts': { may: [] },
  'daemon/sleeping.ts': { may: ground },
  'daemon/sleepy-phone.ts': { may: [...ground, 'daemon/options.ts', 'daemon/local-socket.ts'] },
  'daemon/random.ts': { may: [] },
  'daemon/identity': onStore,
  'daemon/lock': onStore,
  'daemon/conversations': onStore,
  'daemon/contacts': onStore,
  'daemon/devices': onStore,
  'daemon/registers': onStore,
  'daemon/blobs': onStore,
  'daemon/presence': onStore,
  'daemon/notify': onStore,
  'daemon/push': onStore,
  'daemon/waking': onStore,
  'daemon/sync': { may: [...ground, 'daemon/store', 'daemon/identity', 'daemon/conversations', 'daemon/registers'] },
  'daemon/doctor': { may: ground },
  'daemon/backup': onStore,
  'daemon/export': { may: ['protocol', 'daemon/conversations'] },
  'daemon/net': { may: ['protocol'] },
  'daemon/owner': {
    may: [
      ...ground,
      'daemon/store',
      'daemon/identity',
      'daemon/conversations',
      'daemon/contacts',
      'daemon/devices',
      'daemon/registers',
      'daemon/presence',
      'daemon/export',
      'daemon/backup',
      'daemon/notify',
      'daemon/push',
    ],
  },
  'daemon/api': { may: [...ground, 'daemon/local-socket.ts'] },
  'daemon/cli': {
    may: [
      'daemon/options.ts',
      'daemon/local-socket.ts',
      'daemon/log.ts',
      'daemon/log-file.ts',
      'daemon/daemon.ts',
      'daemon/sleepy-phone.ts',
      'daemon/examine-home.ts',
      'daemon/restore-home.ts',
      'daemon/export/check-file.ts',
    ],
    types: ['protocol'],
  },
  ui: { may: [], types: ['protocol'] },
  pnserver: {
    may: [
      'protocol/wake.ts',
      'protocol/web-push.ts',
      'protocol/errors.ts',
      'protocol/base64url.ts',
      'protocol/crypto.ts',
    ],
  },
}

/** They wire the rooms: everything but the command line is theirs to import. */
const wiring = new Set([
  'daemon/restore-home.ts',
  'daemon/daemon.ts',
  'daemon/front.ts',
  'daemon/examine-home.ts',
  'daemon/open-blobs.ts',
  'daemon/open-copies.ts',
  'daemon/open-doctor.ts',
  'daemon/open-network.ts',
  'daemon/open-owner.ts',
  'daemon/open-push.ts',
  'daemon/open-registers.ts',
  'daemon/open-waking.ts',
  'daemon/open-views.ts',
  'daemon/retry-links.ts',
  'daemon/open-wake.ts',
  'daemon/rooms.ts',
  'daemon/house.ts',
  'daemon/kept-rows.ts',
  'daemon/become.ts',
  'daemon/begin-anew.ts',
  'daemon/carry.ts',
  'daemon/open-devices.ts',
  'daemon/passing-net.ts',
  'daemon/recover.ts',
  'daemon/session-file.ts',
])

/** Technology stays in the room whose job it does. */
const homes: readonly (readonly [pattern: RegExp, rooms: readonly string[]])[] = [
  [/^(?:level|classic-level)$/, ['daemon/store', 'pnserver/store']],
  [/^(?:libp2p|@libp2p\/.*|@chainsafe\/.*|@multiformats\/.*|it-.*)$/, ['daemon/net']],
  [/^(?:hono|@hono\/.*|zod)(?:\/|$)/, ['daemon/api', 'pnserver/server']],
  [/^@redis\//, ['pnserver/store']],
  [/^jose$/, ['pnserver/push']],
  [/^ws$/, ['daemon/api', 'daemon/cli']],
  [/^(?:lit|@lit\/.*|@awesome\.me\/.*|@preact\/.*)(?:\/|$)/, ['ui']],
  [/^@noble\//, ['protocol/cpace.ts']],
  [/^node:/, ['daemon', 'pnserver', 'protocol/crypto.ts']],
]

/** All rooms and files that a rule names. */
export const named: readonly string[] = [
  ...Object.keys(rules),
  ...Object.values(rules).flatMap(({ may, types = [] }) => [...may, ...types]),
  ...wiring,
]

interface Import {
  readonly from: string
  readonly typeOnly: boolean
}

/** Comments may speak of imports. */
const bare = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')

export function readImports(text: string): Import[] {
  const code = bare(text)
  const found: Import[] = []
  for (const [, , type, from = ''] of code.matchAll(
    /^\s*(import|export)\s+(type\s+)?[^'";]*?\bfrom\s+['"]([^'"]+)['"]/gm,
  )) {
    found.push({ from, typeOnly: type !== undefined })
  }
  for (const [, from = ''] of code.matchAll(/^\s*import\s+['"]([^'"]+)['"]/gm)) found.push({ from, typeOnly: false })
  for (const [, from = ''] of code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)) found.push({ from, typeOnly: false })
  return found
}

const within = (path: string, room: string): boolean => path === room || path.startsWith(`${room}/`)

export const roomOf = (path: string): string | undefined =>
  Object.keys(rules).find((room) => within(path, room)) ?? (wiring.has(path) ? path : undefined)

function mayImport(path: string, room: string, target: string, typeOnly: boolean): boolean {
  if (wiring.has(path)) return within(target, 'protocol') || (within(target, 'daemon') && !within(target, 'daemon/cli'))
  const rule = rules[room]
  if (within(target, room)) return true
  const allowed = [...(rule?.may ?? []), ...(typeOnly ? (rule?.types ?? []) : [])]
  return allowed.some((each) => within(target, each))
}

function isAtHome(path: string, dependency: string): boolean {
  const home = homes.find(([pattern]) => pattern.test(dependency))
  if (home === undefined || wiring.has(path)) return true
  return home[1].some((room) => within(path, room))
}

/** One sentence for each import that points the wrong way, and for each file that no rule knows. */
export function findViolations(files: readonly SourceFile[]): string[] {
  const violations: string[] = []
  for (const { path, text } of files) {
    const room = roomOf(path)
    if (room === undefined) violations.push(`${path} is in no room: name it in test/meta/arrows.ts`)
    for (const { from, typeOnly } of readImports(text)) {
      if (!from.startsWith('.')) {
        if (!isAtHome(path, from)) violations.push(`${path} imports ${from}, which is another room's business`)
        continue
      }
      const target = posix.normalize(posix.join(posix.dirname(path), from))
      if (room !== undefined && !mayImport(path, room, target, typeOnly)) violations.push(`${path} imports ${target}`)
    }
  }
  return violations
}
