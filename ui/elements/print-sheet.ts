/** Prints a few lines and nothing else of the page; they leave the page again with the print dialog. */

export function printSheet(title: string, lines: readonly string[]): void {
  const sheet = document.createElement('section')
  sheet.className = 'print-sheet'
  const heading = document.createElement('h1')
  heading.textContent = title
  sheet.append(heading)
  for (const line of lines) {
    const paragraph = document.createElement('p')
    paragraph.textContent = line
    sheet.append(paragraph)
  }
  document.body.append(sheet)
  addEventListener('afterprint', () => sheet.remove(), { once: true })
  print()
}
