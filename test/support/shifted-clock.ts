/** Preloaded into a daemon: its clock is off by what the file WARREN_CLOCK_FILE says, in milliseconds, and jumps when that changes. */

import { readFileSync } from 'node:fs'

const file = process.env['WARREN_CLOCK_FILE'] ?? ''
const right = Date.now.bind(Date)
Date.now = () => right() + Number(readFileSync(file, 'utf8'))
