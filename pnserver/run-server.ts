/** Opens everything that the operator's options name, and starts the server over it. */

import { mkdirSync } from 'node:fs'
import { createLog } from './log.ts'
import { readSecrets, type PnserverOptions } from './options.ts'
import { openProviders } from './providers.ts'
import { startPnserver, type RunningPnserver } from './start.ts'
import { openStore } from './store/open-store.ts'

/** Throws UsageError, and what the system or a database says. */
export async function runServer(options: PnserverOptions, version: string): Promise<RunningPnserver> {
  const log = createLog((line) => process.stderr.write(line), Date.now)
  const secrets = readSecrets(options.secretFile)
  const { providers, platforms } = await openProviders(options)
  mkdirSync(options.data, { recursive: true, mode: 0o700 })
  const { store, data, storePasswordFile } = options
  const [secret = new Uint8Array(0)] = secrets
  const opened = await openStore({
    store,
    folder: data,
    secret,
    ...(storePasswordFile === undefined ? {} : { passwordFile: storePasswordFile }),
    onError: () => log('error', 'Redis does not answer'),
  })
  return await startPnserver(
    { ...options, secrets, version },
    { store: opened, providers, platforms, log, now: Date.now },
  )
}
