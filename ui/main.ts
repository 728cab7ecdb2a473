/** Entry of the page. */

import './elements/warren-app.ts'
import { useOwnSprite } from './icons.ts'
import { startLanguage } from './locale.ts'
import { removeForeignWorkers } from './client/foreign-workers.ts'
import { registerOwnWorker } from './client/own-worker.ts'
import { start } from './model/start.ts'

useOwnSprite()
void removeForeignWorkers()
  .catch(() => undefined)
  .then(registerOwnWorker)
await startLanguage().catch(() => undefined)
await start()
