/** Whether anybody is told who types. */

import { limits } from '../../protocol/limits.ts'

/** In a large group somebody always types, and each would be told of each. `devices`: that belong. */
export const isTypingTold = (devices: number): boolean => devices <= limits.typingDevices
