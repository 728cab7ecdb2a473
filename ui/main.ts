/** Entry of the page. */

import './elements/warren-app.ts'
import { useOwnSprite } from './icons.ts'
import { startLanguage } from './locale.ts'
import { start } from './model/start.ts'

useOwnSprite()
await startLanguage().catch(() => undefined)
await start()
