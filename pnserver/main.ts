/** The command line of `pnserver`. */

import { readFileSync } from 'node:fs'
import { makeKeys } from './make-keys.ts'
import { defaultPorts, readOptions, UsageError } from './options.ts'

const help = `usage: pnserver [flags]          runs the server
       pnserver keys FOLDER     makes its secret and the key for browsers

Every flag can be an environment variable: --trust-proxy is WARREN_PN_TRUST_PROXY, several values with commas between.

  --origin URL               the server as devices know it, such as https://push.example.org
  --host ADDRESS             where it listens (127.0.0.1; a proxy in front of it ends TLS)
  --port N                   (${defaultPorts.server})
  --metrics-port N|none      /metrics and /healthz, on 127.0.0.1 (${defaultPorts.metrics})
  --trust-proxy ADDRESS      whose X-Forwarded-For is believed, such as 127.0.0.1 or 10.0.0.0/8; again for more
  --secret-file FILE         needed
  --data FOLDER              where rows are kept (systemd's STATE_DIRECTORY, else ./pnserver-data)
  --store level|redis://…    where rows are kept by several servers (level); memory forgets them
  --store-password-file FILE
  --pushes-a-minute N        all together; what is beyond is dropped
  --most-rows N              of all devices together; who comes later is told that there is no room

for iPhones
  --apns-key-file FILE --apns-key-id ID --apns-team-id ID --apns-topic BUNDLE (again for more)
for browsers
  --vapid-key-file FILE --vapid-subject mailto:…|https://… [--web-push-host HOST, beside the browser makers' own]
`

const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
  .version

async function serve(words: readonly string[]): Promise<void> {
  const options = readOptions(words, process.env)
  // Not before it is sure that it will be needed.
  const { runServer } = await import('./run-server.ts')
  const server = await runServer(options, version)
  const { origin, port, metricsPort } = server
  process.stdout.write(`${JSON.stringify({ ready: true, origin, port, metricsPort })}\n`)
  const stop = (): void => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
    void server.close()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
}

function keys(folder: string | undefined): void {
  if (folder === undefined) throw new UsageError('usage: pnserver keys FOLDER')
  const { secretFile, vapidKeyFile, vapidPublicKey } = makeKeys(folder)
  process.stdout.write(
    `--secret-file ${secretFile}\n--vapid-key-file ${vapidKeyFile}\npublic key for browsers: ${vapidPublicKey}\n`,
  )
}

/** What a database says stands behind what it was opened with. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message !== error.message
    ? `${error.message}: ${error.cause.message}`
    : error.message
}

const words = process.argv.slice(2)
try {
  if (words.includes('--help')) process.stdout.write(help)
  else if (words.includes('--version')) process.stdout.write(`${version}\n`)
  else if (words[0] === 'keys') keys(words[1])
  else await serve(words)
} catch (error) {
  process.stderr.write(`pnserver: ${explain(error)}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
