/** The settings of one daemon: where its home is and what the flags of `warren start` mean. */

import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WarrenError } from '../protocol/errors.ts'
import type { PushServerSettings } from '../protocol/http-push-server.ts'
import type { PersonId } from '../protocol/ids.ts'
import { limits } from '../protocol/limits.ts'
import type { WakeNote } from '../protocol/wake-note.ts'
import type { PushTarget } from '../protocol/wake.ts'
import { levels, type Level } from './log.ts'

export const defaultPorts = { api: 7717, peer: 7718 } as const

export interface DaemonOptions {
  /** Absolute; made with mode 0700 if it is not there. Nothing is written elsewhere. */
  readonly home: string
  /** The owner's name, if this home has none yet. */
  readonly name?: string
  /** What others are told that this device is, once, when it comes to belong to a person: a desktop, unless an app on a phone says so. */
  readonly deviceClass?: 'desktop' | 'phone'
  /** 0: any free port. */
  readonly apiPort: number
  readonly peerPort: number
  /** IP addresses or multiaddrs to listen on for peers; empty: all interfaces. */
  readonly listen: readonly string[]
  readonly mdns: boolean
  /** Tell peers loopback addresses too: for several daemons on one machine. */
  readonly announceLoopback: boolean
  /** Programs of other users of this machine may open the page; a session they need all the same. */
  readonly anyUser?: boolean
  /** A second socket for a proxy that ends TLS, and the one https origin at which browsers reach it. */
  readonly serve?: { readonly socket: string; readonly origin: string }
  /** Bytes that a file may have, sent or received; limits.fileBytes if not given. */
  readonly fileBytes?: number
  /** Folder of the built page. */
  readonly ui: string
  /** What is logged on stderr. */
  readonly logLevel: Level
  /** What is logged in the home; info if not given. */
  readonly logFileLevel?: Level
  readonly version: string
}

/** What an app on a phone says to the daemon that it runs, and asks of it, about waking: docs/protocol.md, section 24. */
export interface PhonePush {
  settings(): PushServerSettings
  /** The push server to use from now on; undefined is none. Rejects with BAD_SHAPE, NOT_WARREN, NOT_ALLOWED, HOST_NOT_FOUND, REFUSED, UNREACHABLE, TIMED_OUT. */
  use(server: string | undefined): Promise<void>
  /** Where pushes reach this device; a code is pushed there. Rejects as use(), and with CONFLICT while no push server is used. */
  register(target: PushTarget): Promise<{ readonly pendingId: string }>
  /** Of the last registration or renewal, while its code has not come. */
  readonly pendingId: string | undefined
  /** The code that was pushed, 16 bytes. Rejects as use(), and with CONFLICT, NOT_ALLOWED for a wrong or old one. */
  verify(pendingId: string, code: Uint8Array): Promise<void>
  /** To be called when the phone woke: renews what is older than 7 days, by another code. Never rejects for what the server does. */
  resumed(): Promise<void>
  /** What a contact's device said with a wake, 160 bytes; undefined for all that no contact sealed. */
  openNote(sealed: Uint8Array): (WakeNote & { readonly person: PersonId }) | undefined
}

/** So many messages came in a conversation that the owner has not muted. */
export interface Came {
  readonly conversation: string
  readonly count: number
}

/** What startDaemon() answers. */
export interface RunningDaemon {
  /** `http://127.0.0.1:<port>` */
  readonly api: string
  /** Multiaddrs with the PeerId, now; none while it is locked or sleeps. */
  readonly listen: readonly string[]
  /** It needs its passphrase, or sleeps. */
  readonly locked: boolean
  /** How this device is woken while it sleeps; undefined while it is locked, or asleep. */
  push(): PhonePush | undefined
  readonly socketPath: string
  /** A one-use link to the page. */
  issueCode(printed: boolean): Promise<string>
  /**
   * Makes the process safe to freeze and to kill: no socket is open, no timer runs, and the store is closed, its keys and the lock of
   * the home kept. Takes limits.suspendMs at most, whatever goes on; false if the disk needs longer to close what nobody waits for any more: what
   * was acknowledged is safe, and the rest is done as soon as the process runs on. Nothing happens if it sleeps or is closed. docs/embedding.md.
   */
  suspend(): Promise<boolean>
  /**
   * Opens again what suspend() closed; a home that was locked, or whose owner was away for too long, is locked. `note`: the 160 bytes that came
   * with a push, whoever sent it: one that no contact sealed for this device, or that came before, changes nothing. Rejects with CLOSING once the
   * daemon is closed, and as startDaemon(), after which it sleeps on. Nothing but a note counts if it is awake.
   */
  resume(note?: Uint8Array): Promise<void>
  /** Told of whatever happens that its owner or somebody else did. The listener must not throw; answers the function that ends it. */
  onChange(listener: () => void): () => void
  /**
   * Told once after each resume() of an open home, when all is here that is known of or after limits.wakeWindowMs, also if nothing came; and
   * whenever more came behind that; what came by the time of suspend() and was not told is told then. The listener must not throw; answers the
   * function that ends it.
   */
  onCame(listener: (conversations: readonly Came[]) => void): () => void
  close(): Promise<void>
  /** Resolves once the daemon is closed, also when `POST /stop` asked for it. */
  readonly closed: Promise<void>
}

export type StartDaemon = (options: DaemonOptions) => Promise<RunningDaemon>

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly homeFolder: string
  readonly workingFolder: string
}

export const surroundings = (): Surroundings => ({
  env: process.env,
  platform: process.platform,
  homeFolder: homedir(),
  workingFolder: process.cwd(),
})

/** `--home`, else WARREN_HOME, else where this platform keeps a program's data. */
export function chooseHome(flag: string | undefined, around: Surroundings): string {
  const { env, platform, homeFolder } = around
  const wanted = flag ?? env['WARREN_HOME']
  if (wanted !== undefined && wanted !== '') return resolve(around.workingFolder, wanted)
  if (platform === 'darwin') return join(homeFolder, 'Library', 'Application Support', 'Warren')
  if (platform === 'win32') return join(env['APPDATA'] ?? join(homeFolder, 'AppData', 'Roaming'), 'Warren')
  const data = env['XDG_DATA_HOME']
  // The XDG specification: a relative path is to be ignored.
  return join(data !== undefined && isAbsolute(data) ? data : join(homeFolder, '.local', 'share'), 'warren')
}

/** The flags of `warren start` as they were typed. */
export interface StartFlags {
  readonly home?: string
  readonly name?: string
  readonly 'api-port'?: string
  readonly 'peer-port'?: string
  readonly listen?: readonly string[]
  readonly 'no-mdns'?: boolean
  readonly 'announce-loopback'?: boolean
  readonly 'any-user'?: boolean
  readonly 'serve-socket'?: string
  readonly 'serve-origin'?: string
  readonly 'max-file'?: string
  readonly sleepy?: boolean
  readonly 'log-level'?: string
}

function readPort(text: string | undefined, fallback: number, flag: string): number {
  if (text === undefined) return fallback
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new WarrenError('BAD_SHAPE', `${flag} is a number from 0 to 65535`)
  return port
}

function readAddress(text: string): string {
  const bare = text.replace(/^\[(.*)\]$/, '$1')
  if (isIP(bare) !== 0) return bare
  if (/^\/(?:ip4|ip6|dns\d?)\//.test(text)) return text
  throw new WarrenError('BAD_SHAPE', '--listen takes an IP address or a multiaddr')
}

/** Both or neither. */
function readServe(flags: StartFlags, around: Surroundings): Pick<DaemonOptions, 'serve'> {
  const { 'serve-socket': socket, 'serve-origin': origin } = flags
  if (socket === undefined && origin === undefined) return {}
  if (socket === undefined || socket === '' || origin === undefined)
    throw new WarrenError('BAD_SHAPE', '--serve-socket and --serve-origin go together')
  if (!origin.startsWith('https://') || !URL.canParse(origin) || new URL(origin).origin !== origin)
    throw new WarrenError('BAD_SHAPE', '--serve-origin is an https origin, such as https://name.tailnet.ts.net')
  return { serve: { socket: resolve(around.workingFolder, socket), origin } }
}

const mebibyte = 1024 * 1024
/** What a list of chunks can name. */
const mostMebibytes = 1024 * 1024

function readMaxFile(text: string | undefined): Pick<DaemonOptions, 'fileBytes'> {
  if (text === undefined) return {}
  const mebibytes = Number(text)
  if (!/^\d{1,7}$/.test(text) || mebibytes < 1 || mebibytes > mostMebibytes)
    throw new WarrenError('BAD_SHAPE', `--max-file is a number of mebibytes from 1 to ${mostMebibytes}`)
  return { fileBytes: mebibytes * mebibyte }
}

/** `--log-level`, else WARREN_LOG_LEVEL: of both logs. */
function readLevel(flag: string | undefined, around: Surroundings): Pick<DaemonOptions, 'logLevel' | 'logFileLevel'> {
  const text = flag ?? around.env['WARREN_LOG_LEVEL'] ?? ''
  if (text === '' && flag === undefined) return { logLevel: 'warn', logFileLevel: 'info' }
  const level = levels.find((each) => each === text)
  if (level !== undefined) return { logLevel: level, logFileLevel: level }
  const name = flag === undefined ? 'WARREN_LOG_LEVEL' : '--log-level'
  throw new WarrenError('BAD_SHAPE', `${name} is debug, info, warn or error`)
}

const beside = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The version that package.json names: it lies one folder up, in a checkout and in the package alike. */
export function programVersion(): string {
  const manifest = JSON.parse(readFileSync(beside('../package.json'), 'utf8')) as { version: string }
  return manifest.version
}

function readName(name: string | undefined): Pick<DaemonOptions, 'name'> {
  if (name === undefined) return {}
  if (name.trim() === '' || Array.from(name).length > limits.nameCodePoints)
    throw new WarrenError('BAD_SHAPE', `--name takes 1 to ${limits.nameCodePoints} characters`)
  return { name }
}

/** Throws BAD_SHAPE, with the flag in the message. */
export function readStartFlags(flags: StartFlags, around: Surroundings): DaemonOptions {
  return {
    home: chooseHome(flags.home, around),
    ...readName(flags.name),
    apiPort: readPort(flags['api-port'], defaultPorts.api, '--api-port'),
    peerPort: readPort(flags['peer-port'], defaultPorts.peer, '--peer-port'),
    listen: (flags.listen ?? []).map((address) => readAddress(address)),
    mdns: flags['no-mdns'] !== true,
    announceLoopback: flags['announce-loopback'] === true,
    anyUser: flags['any-user'] === true,
    ...(flags.sleepy === true ? { deviceClass: 'phone' } : {}),
    ...readServe(flags, around),
    ...readMaxFile(flags['max-file']),
    ui: around.env['WARREN_UI'] ?? beside('../build/ui'),
    ...readLevel(flags['log-level'], around),
    version: programVersion(),
  }
}
