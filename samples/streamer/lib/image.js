// What a client uploads is a stranger's file: it is looked at before it is decoded.
import { loadImage } from '@napi-rs/canvas';
import { imageSize } from 'image-size';

const MAX_BYTES = 25 * 1024 * 1024;
// Decoding takes four bytes a pixel, however small the file is.
const MAX_PIXELS = 32_000_000;
const TYPES = new Set(['jpg', 'png', 'webp']);

/**
 * @param base64 A data URL, as the clients send it, or plain base64.
 * @throws {Error} whose message may be shown to the user.
 */
export async function readImage(base64) {
  const bytes = Buffer.from(base64.slice(base64.startsWith('data:') ? base64.indexOf(',') + 1 : 0), 'base64');
  if (bytes.length > MAX_BYTES)
    throw new Error('The image is larger than 25 MB.');
  let size;
  try {
    size = imageSize(bytes);
  } catch {
    throw new Error('The image could not be read.');
  }
  if (!TYPES.has(size.type))
    throw new Error('The image must be a JPEG, PNG or WebP file.');
  if (!(size.width * size.height <= MAX_PIXELS))
    throw new Error('The image has more than 32 million pixels.');
  try {
    return await loadImage(bytes);
  } catch {
    throw new Error('The image could not be read.');
  }
}
