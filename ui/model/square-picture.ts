/** A picture for a group, made from any that the browser can draw: square, small, and without what it says of where it was made. */

/** Pixels of a side at most; the daemon takes 256 KiB. */
const mostSide = 512
const mostBytes = 256 * 1024
const qualities = [0.86, 0.7, 0.5, 0.3]

const jpegOf = async (canvas: HTMLCanvasElement, quality: number): Promise<Blob | null> => {
  const { promise, resolve } = Promise.withResolvers<Blob | null>()
  canvas.toBlob(resolve, 'image/jpeg', quality)
  return await promise
}

function drawSquare(picture: ImageBitmap): HTMLCanvasElement {
  const from = Math.min(picture.width, picture.height)
  const side = Math.min(from, mostSide)
  const canvas = document.createElement('canvas')
  canvas.width = side
  canvas.height = side
  const context = canvas.getContext('2d')
  if (context === null) return canvas
  // Beneath what lets light through: a JPEG has no such places.
  context.fillStyle = '#fff'
  context.fillRect(0, 0, side, side)
  context.imageSmoothingQuality = 'high'
  context.drawImage(picture, (picture.width - from) / 2, (picture.height - from) / 2, from, from, 0, 0, side, side)
  return canvas
}

/** The middle of it, as a JPEG without a name; undefined for what is no picture. */
export async function squarePicture(file: Blob): Promise<File | undefined> {
  const picture = await createImageBitmap(file).catch(() => undefined)
  if (picture === undefined) return undefined
  const canvas = drawSquare(picture)
  picture.close()
  for (const quality of qualities) {
    const jpeg = await jpegOf(canvas, quality)
    if (jpeg !== null && jpeg.size <= mostBytes) return new File([jpeg], '', { type: 'image/jpeg' })
  }
  return undefined
}
