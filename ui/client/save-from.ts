/** Lets the browser save a file that the daemon hands out, without holding it in the page. */

/** `address` is a one-use link: it shows no token, and the answer says what the file is called. */
export function saveFrom(address: string): void {
  const link = document.createElement('a')
  link.href = address
  link.download = ''
  link.rel = 'noreferrer'
  document.body.append(link)
  link.click()
  link.remove()
}
