/** Sizes of files for people. */

const units = ['kB', 'MB', 'GB', 'TB']

/** Such as `12.3 MB`, in powers of 1,000. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  let value = bytes / 1000
  let unit = 0
  // What would be rounded up to a thousand is one of the next.
  for (; value >= 999.5 && unit < units.length - 1; unit += 1) value /= 1000
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`
}

/** Such as `1 file` or `3 files`. */
export const filesText = (count: number): string => (count === 1 ? '1 file' : `${count} files`)
