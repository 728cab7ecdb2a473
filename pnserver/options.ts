/** What the operator wants: flags, else the environment (`--trust-proxy` is WARREN_PN_TRUST_PROXY), else files that systemd hands over, else what is usual. */

import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { pnLimits } from './limits.ts'

export const defaultPorts = { server: 7719, metrics: 7720 } as const

export interface AppleOptions {
  /** A path: what Apple gives out as a .p8 file. */
  readonly keyFile: string
  readonly keyId: string
  readonly teamId: string
  readonly topics: readonly string[]
}

export interface WebPushOptions {
  /** A path: 32 private bytes in base64url. */
  readonly keyFile: string
  /** `mailto:` or `https:`, where the operator can be reached. */
  readonly subject: string
  /** Hosts beside those of the browsers' makers. */
  readonly hosts: readonly string[]
}

export interface PnserverOptions {
  readonly host: string
  readonly port: number
  readonly metricsPort: number | undefined
  readonly origin: string | undefined
  readonly data: string
  /** `level`, `memory` or a URL of Redis. */
  readonly store: string
  readonly storePasswordFile: string | undefined
  readonly secretFile: string
  readonly trustProxy: readonly string[]
  readonly pushesAMinute: number
  readonly mostRows: number
  readonly apple: AppleOptions | undefined
  readonly webPush: WebPushOptions | undefined
}

/** Wrong usage: the message says which flag. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const one = { type: 'string' } as const
const many = { type: 'string', multiple: true } as const
/** All of them take a value. */
export const flags = {
  host: one,
  port: one,
  'metrics-port': one,
  origin: one,
  data: one,
  store: one,
  'store-password-file': one,
  'secret-file': one,
  'trust-proxy': many,
  'pushes-a-minute': one,
  'most-rows': one,
  'apns-key-file': one,
  'apns-key-id': one,
  'apns-team-id': one,
  'apns-topic': many,
  'vapid-key-file': one,
  'vapid-subject': one,
  'web-push-host': many,
} as const

type Flag = keyof typeof flags
export type Environment = Readonly<Record<string, string | undefined>>

/** What was said of one flag, wherever it was said; an empty value is none. */
type Said = (flag: Flag) => readonly string[]

function parse(words: readonly string[]): Readonly<Partial<Record<string, string | string[]>>> {
  try {
    return parseArgs({ args: [...words], options: flags, strict: true }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'wrong usage', { cause: error })
  }
}

function gather(words: readonly string[], env: Environment): Said {
  const values = parse(words)
  return (flag) => {
    const written = values[flag]
    if (written !== undefined) return [written].flat().filter((each) => each !== '')
    const variable = env[`WARREN_PN_${flag.toUpperCase().replaceAll('-', '_')}`] ?? ''
    return variable.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]))
  }
}

function numberOf(said: Said, flag: Flag, usual: number, most: number): number {
  const [text] = said(flag)
  if (text === undefined) return usual
  if (!/^\d{1,9}$/.test(text) || Number(text) > most) throw new UsageError(`--${flag} is a number up to ${most}`)
  return Number(text)
}

function originOf(said: Said): string | undefined {
  const [text] = said('origin')
  if (text === undefined) return undefined
  if (!URL.canParse(text) || new URL(text).origin !== text) {
    throw new UsageError('--origin is scheme, host and port as devices know them, such as https://push.example.org')
  }
  return text
}

function storeOf(said: Said): string {
  const [store = 'level'] = said('store')
  if (!/^(?:level|memory|rediss?:\/\/.+)$/.test(store)) throw new UsageError('--store is level, memory or redis://…')
  if (URL.canParse(store) && new URL(store).password !== '') {
    throw new UsageError('a password is not for everybody who lists processes: use --store-password-file')
  }
  return store
}

/** All flags of a group, or none. */
function group<const Name extends Flag>(said: Said, names: readonly Name[]): Record<Name, string> | undefined {
  const found = names.map((name) => [name, said(name)[0]] as const)
  const missing = found.filter(([, value]) => value === undefined).map(([name]) => `--${name}`)
  if (missing.length === names.length) return undefined
  if (missing.length > 0) throw new UsageError(`also needed: ${missing.join(', ')}`)
  return Object.fromEntries(found) as Record<Name, string>
}

function appleOf(said: Said): AppleOptions | undefined {
  const apple = group(said, ['apns-key-file', 'apns-key-id', 'apns-team-id', 'apns-topic'])
  if (apple === undefined) return undefined
  const { 'apns-key-file': keyFile, 'apns-key-id': keyId, 'apns-team-id': teamId } = apple
  return { keyFile, keyId, teamId, topics: said('apns-topic') }
}

function webPushOf(said: Said): WebPushOptions | undefined {
  const web = group(said, ['vapid-key-file', 'vapid-subject'])
  if (web === undefined) return undefined
  if (!/^(?:mailto:.+@.+|https:\/\/.+)$/.test(web['vapid-subject'])) {
    throw new UsageError('--vapid-subject is mailto:… or https://…')
  }
  return { keyFile: web['vapid-key-file'], subject: web['vapid-subject'], hosts: said('web-push-host') }
}

/** Names under which systemd's LoadCredential= hands files over. */
const credentials: Readonly<Partial<Record<Flag, string>>> = {
  'secret-file': 'secret',
  'apns-key-file': 'apns-key',
  'vapid-key-file': 'vapid-key',
  'store-password-file': 'store-password',
}

const withCredentials =
  (said: Said, folder: string | undefined): Said =>
  (flag) => {
    const name = credentials[flag]
    const found = said(flag)
    if (found.length > 0 || name === undefined || folder === undefined) return found
    const path = join(folder, name)
    return existsSync(path) ? [path] : []
  }

/** Throws UsageError. Reads no secret. */
export function readOptions(words: readonly string[], env: Environment): PnserverOptions {
  const said = withCredentials(gather(words, env), env['CREDENTIALS_DIRECTORY'])
  const [secretFile] = said('secret-file')
  if (secretFile === undefined) throw new UsageError('--secret-file is needed: `pnserver keys FOLDER` makes one')
  const options = {
    host: said('host')[0] ?? '127.0.0.1',
    port: numberOf(said, 'port', defaultPorts.server, 65_535),
    metricsPort:
      said('metrics-port')[0] === 'none' ? undefined : numberOf(said, 'metrics-port', defaultPorts.metrics, 65_535),
    origin: originOf(said),
    data: resolve(said('data')[0] ?? env['STATE_DIRECTORY'] ?? 'pnserver-data'),
    store: storeOf(said),
    storePasswordFile: said('store-password-file')[0],
    secretFile,
    trustProxy: said('trust-proxy'),
    pushesAMinute: numberOf(said, 'pushes-a-minute', pnLimits.pushesAMinute, 10_000_000),
    mostRows: numberOf(said, 'most-rows', pnLimits.rows, 999_999_999),
    apple: appleOf(said),
    webPush: webPushOf(said),
  }
  if (options.apple === undefined && options.webPush === undefined) {
    throw new UsageError('nothing to push through: give --apns-… for iPhones, --vapid-… for browsers, or both')
  }
  return options
}

/** One secret a line, 32 bytes in base64url; the first makes, the others are still believed. Throws UsageError. */
export function readSecrets(path: string): Uint8Array[] {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const secrets = lines.map((line) => new Uint8Array(Buffer.from(line, 'base64url')))
  if (secrets.length === 0 || secrets.some(({ length }) => length !== 32)) {
    throw new UsageError('the file of --secret-file has one secret a line, 32 bytes in base64url each')
  }
  return secrets
}
