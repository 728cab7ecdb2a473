/** warren start: runs the daemon in the foreground. */

import { readStartFlags, surroundings, type DaemonOptions, type RunningDaemon } from '../../options.ts'
import { openBrowser, removeRedirect } from '../browser.ts'
import { CommandError } from '../command-error.ts'
import type { Call, Command } from '../command.ts'
import { watchForTheEnd } from '../last-words.ts'
import { quoted, reachLines } from '../reach-lines.ts'
import { sleepyOptions, startSleepyPhone } from '../sleepy.ts'

/** Closing takes no longer, whatever hangs. */
const closeMs = 2800

function readOptions(call: Call): DaemonOptions {
  try {
    return readStartFlags(call.values, surroundings())
  } catch (error) {
    throw new CommandError('USAGE', error instanceof Error ? error.message : 'wrong usage', { cause: error })
  }
}

/** Shows the page, or how to get to it. The first line with --json is the one that says ready. */
async function welcome(call: Call, daemon: RunningDaemon): Promise<void> {
  const { api, listen, locked } = daemon
  if (call.json) call.out.json({ ready: true, api, listen, locked, pid: process.pid })
  else {
    call.out.line(`Warren runs on ${api}`)
    if (locked) call.out.line('It is locked: unlock it on its page or with warren unlock')
    for (const line of reachLines(listen, call.values)) call.out.line(line)
  }
  if (call.values['no-open'] === true) {
    const home = typeof call.values['home'] === 'string' ? ` --home ${quoted(call.home)}` : ''
    if (!call.json) call.out.line(`Open the page with: warren open${home}`)
    return
  }
  if (await openBrowser(call.home, await daemon.issueCode(false), surroundings())) return
  const link = await daemon.issueCode(true)
  if (call.json) call.out.json({ open: link })
  else call.out.line(`Open this link within 10 minutes, it works once: ${link}`)
}

/** Resolves at the first SIGINT or SIGTERM. Later ones change nothing: npm and make send a Ctrl-C on, and closing has a bound. */
async function signalled(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, resolve)
  })
}

export const command: Command = {
  name: 'start',
  arguments: '',
  summary: 'run the daemon in the foreground',
  description: [
    'Starts the daemon of this home and runs until SIGINT, SIGTERM or warren stop. Peers reach it on the peer port; the page, the shell and bots reach it on 127.0.0.1 and ::1 only.',
    'Opens the page in a browser. Where no browser can be started, as over SSH, it prints a link that works once within 10 minutes.',
    'With --sleepy it behaves as the app on a phone does: a while after anything happened nothing of it is open, and no command but stop by a signal reaches it. What a push service would deliver is posted to the socket phone.sock in its home: POST /push with {"note":BASE64} or {"code":BASE64}; POST /open is a hand that takes the phone, POST /sleep one that puts it away. It says what it does, with --json one object a line: {"is":"phone","socket":...,"token":...}, then registered, asleep, awake, came and failed.',
    'With --json the first line on stdout, once everything is up, is {"ready":true,"api":...,"listen":[...],"locked":false}; a locked home listens for no peers until warren unlock. A link to open follows as {"open":...}.',
  ],
  options: {
    name: { type: 'string', value: 'NAME', help: 'the name that others see, if this home has none yet' },
    'api-port': { type: 'string', value: 'N', help: 'port of the page and the API, 7717; 0 takes any free one' },
    'peer-port': { type: 'string', value: 'N', help: 'port for peers, 7718; 0 takes any free one' },
    listen: {
      type: 'string',
      multiple: true,
      value: 'ADDR',
      help: 'IP address or multiaddr to listen on for peers; may be repeated; else all interfaces',
    },
    'no-mdns': { type: 'boolean', help: 'neither announce this device on the LAN nor look for others' },
    'no-open': { type: 'boolean', help: 'open no browser' },
    'any-user': {
      type: 'boolean',
      help: 'let browsers of other users of this machine open the page, for a daemon that has a user of its own; only Linux keeps them out',
    },
    'serve-socket': {
      type: 'string',
      value: 'PATH',
      help: 'a second socket, for a proxy such as tailscale serve that brings the page to your phone; needs --serve-origin',
    },
    'serve-origin': {
      type: 'string',
      value: 'ORIGIN',
      help: 'the https origin at which that proxy answers, such as https://laptop.tailnet.ts.net',
    },
    'max-file': {
      type: 'string',
      value: 'MIB',
      help: 'how large a file may be that is sent or fetched here, in mebibytes; 100 unless given',
    },
    'announce-loopback': {
      type: 'boolean',
      help: 'tell peers loopback addresses too, for several daemons on one machine',
    },
    sleepy: {
      type: 'boolean',
      help: 'be a phone: sleep a while after anything happened, and wake by pushes, for demos and tests',
    },
    'sleep-after': { type: 'string', value: 'SECONDS', help: 'with --sleepy: how long that is, 5' },
    'push-url': {
      type: 'string',
      value: 'URL',
      help: 'with --sleepy: the push server that others wake it by; else the one that warren push set',
    },
    'log-level': {
      type: 'string',
      value: 'LEVEL',
      help: 'debug, info, warn or error, on stderr and in the log of the home; else WARREN_LOG_LEVEL, else warn and info',
    },
  },
  takes: [0, 0],
  examples: [
    ['warren start', 'Runs on the defaults and opens the page.'],
    [
      'warren start --home /tmp/bob --name Bob --api-port 7727 --peer-port 7728',
      'Runs a second person on the same machine.',
    ],
    [
      'warren start --home /tmp/eve --sleepy --push-url https://push.example.org',
      'Runs a device that sleeps, and that others wake through that push server.',
    ],
  ],
  async run(call) {
    const options = readOptions(call)
    const sleepy = sleepyOptions(call, options.home)
    const daemon = await call.startDaemon(options)
    watchForTheEnd(options.home)
    const asked = signalled()
    await welcome(call, daemon)
    const phone = sleepy === undefined ? undefined : await startSleepyPhone(call, daemon, sleepy)
    await Promise.race([asked, daemon.closed])
    setTimeout(() => process.exit(1), closeMs).unref()
    await phone?.close()
    await daemon.close()
    removeRedirect(options.home)
  },
}
