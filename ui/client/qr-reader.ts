/** Finds a QR code in a picture or in the frames of a camera. */

import { decodeQR } from 'qr/decode.js'

const mostPixels = 1280

function pixels(source: CanvasImageSource, width: number, height: number): ImageData | undefined {
  const scale = Math.min(1, mostPixels / Math.max(width, height))
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)))
  const context = canvas.getContext('2d', { willReadFrequently: true })
  context?.drawImage(source, 0, 0, canvas.width, canvas.height)
  return context?.getImageData(0, 0, canvas.width, canvas.height)
}

function read(image: ImageData | undefined, timeLimit: number): string | undefined {
  if (image === undefined) return undefined
  try {
    return decodeQR(image, { timeLimit })
  } catch {
    return undefined // no code in this picture
  }
}

export const readFrame = (video: HTMLVideoElement): string | undefined =>
  video.videoWidth === 0 ? undefined : read(pixels(video, video.videoWidth, video.videoHeight), 40)

export async function readImage(file: Blob): Promise<string | undefined> {
  const bitmap = await createImageBitmap(file).catch(() => undefined)
  if (bitmap === undefined) return undefined
  const text = read(pixels(bitmap, bitmap.width, bitmap.height), 2000)
  bitmap.close()
  return text
}
