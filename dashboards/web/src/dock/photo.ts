/** A photo as it is sent, with a small one to be shown; the page's policy shows no other than its own and those in `data:`. */
export interface TakenPhoto {
  readonly blob: Blob;
  readonly thumb: string;
}

/** Of the longer side, px: enough to see a torn corner. */
const LONGEST = 1_600;
const THUMB = 220;

/**
 * Turned as it was held, made smaller, as JPEG: what the camera wrote of place and device is gone, and HEIC is JPEG where the
 * browser can read it.
 * @throws {DOMException} the browser cannot read it
 */
export async function takenPhoto(file: Blob): Promise<TakenPhoto> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  try {
    const blob = await new Promise<Blob | null>((done) => drawn(picture, LONGEST).toBlob(done, 'image/jpeg', 0.8));
    if (blob === null) throw new DOMException('it cannot be made a JPEG', 'EncodingError');
    return { blob, thumb: drawn(picture, THUMB).toDataURL('image/jpeg', 0.7) };
  } finally {
    picture.close();
  }
}

function drawn(picture: ImageBitmap, longest: number): HTMLCanvasElement {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}
