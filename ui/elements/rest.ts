/** Screens and dialogs that the first screen does not need: see later.ts. */

import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import './warren-add.ts'
import './warren-details.ts'
import './warren-group-details.ts'
import './warren-new-group.ts'
import './warren-settings.ts'
import './warren-welcome.ts'
