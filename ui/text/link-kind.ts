/** Where a `warren:` link leads, by its first byte (docs/protocol.md): which question to ask the daemon first, and no more. */

/** The first byte of a link into a group is 2: in base64url an A, and one of the sixteen letters from g to v. */
export const leadsIntoGroup = (link: string): boolean => /^warren:A[g-v]/.test(link.replace(/^warren:/i, 'warren:'))
