//! Pictures made smaller, for mails that need no more than what a screen shows.

import type { DraftFile } from '../host';
import { base64 } from './base64';

/** Pixels of the longest side that may be chosen. */
export const SIDES = [1920, 1280, 800] as const;
/** Pictures of so few bytes are left as they are. */
const SMALL = 300_000;
/** From so many bytes on it is worth while to ask. */
export const HEAVY = 1_000_000;
const KINDS = /^image\/(jpeg|png|webp|bmp)$/;
const QUALITY = 0.85;

/** The pictures among files that could be smaller. */
export function large(files: readonly DraftFile[]): DraftFile[] {
  return files.filter(({ state, mime_type, size }) => state === 'whole' && KINDS.test(mime_type) && size > SMALL);
}

function drawn(bitmap: ImageBitmap, side: number): HTMLCanvasElement {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  if (!context) throw new Error('canvas');
  // A JPEG knows nothing that shines through.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

const blobOf = (canvas: HTMLCanvasElement, type: string): Promise<Blob | null> =>
  new Promise((resolve) => canvas.toBlob(resolve, type, QUALITY));

export interface Shrunk {
  mime_type: string;
  /** Base64. */
  data: string;
  size: number;
}

/** A picture whose longest side has at most so many pixels; nothing where that saves less than a tenth. */
export async function shrunk(data: string, mime_type: string, side: number): Promise<Shrunk | null> {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: mime_type }));
  try {
    const canvas = drawn(bitmap, side);
    // What was drawn by a program is smaller as PNG, what was seen by a camera as JPEG.
    const types = mime_type === 'image/png' ? ['image/png', 'image/jpeg'] : ['image/jpeg'];
    const made = (await Promise.all(types.map((type) => blobOf(canvas, type)))).filter((blob) => blob !== null);
    const [best] = made.sort((a, b) => a.size - b.size);
    if (!best || best.size > bytes.length * 0.9) return null;
    return { mime_type: best.type, data: await base64(best), size: best.size };
  } finally {
    bitmap.close();
  }
}

/** The name of a picture that has another type now. */
export function renamed(name: string, mime_type: string): string {
  const ending = mime_type === 'image/png' ? '.png' : '.jpg';
  return /\.(jpe?g)$/i.test(name) && ending === '.jpg' ? name : name.replace(/\.[^.]{1,5}$/, '') + ending;
}
