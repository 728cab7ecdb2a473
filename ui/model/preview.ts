/** A picture on its way to the daemon, shown from where the browser has it. */

export interface Preview {
  /** Of the page's own; whoever drops the picture revokes it. */
  readonly url: string
  /** Pixels, turned as it is shown. */
  readonly width: number
  readonly height: number
}

/** What the daemon takes for a picture, too. */
const pictures = new Set(['image/avif', 'image/gif', 'image/jpeg', 'image/png', 'image/webp'])

/** Undefined for what is no picture, whatever it calls itself. */
export async function previewOf(file: File): Promise<Preview | undefined> {
  if (!pictures.has(file.type)) return undefined
  const url = URL.createObjectURL(file)
  const image = new Image()
  image.src = url
  try {
    await image.decode()
    return { url, width: image.naturalWidth, height: image.naturalHeight }
  } catch {
    URL.revokeObjectURL(url)
    return undefined
  }
}
