import { useEffect, useRef, useState } from 'react';
import { type CameraFault, openCamera } from './camera.ts';
import css from './dock.module.css';
import { useWords } from './language.tsx';
import type { WedgeScan } from './wedge.ts';

/** The same code that stays in the picture is one scan, ms. */
const SAME_FOR_MS = 3_000;
/** Wide enough for a DataMatrix of 10 mm at arm's length, and read in some ten milliseconds. */
const WIDTH = 1_280;

type Read = { readonly text: string | null } | { readonly fault: string };

/** Scans with the camera of this device. Pictures stay here: they go to no server. */
export default function CameraScan({ onScan, onClose }: { onScan: (scan: WedgeScan) => void; onClose: () => void }) {
  const { say } = useWords();
  const video = useRef<HTMLVideoElement>(null);
  const [fault, setFault] = useState<CameraFault | null>(null);
  const take = useRef(onScan);
  take.current = onScan;

  useEffect(() => {
    const shown = video.current;
    const worker = new Worker(new URL('./scan-worker.ts', import.meta.url), { type: 'module' });
    let stream: MediaStream | null = null;
    let isOver = false;
    const last = { text: '', at: 0 };
    const look = () => {
      if (isOver || shown === null) return;
      const picture = pictureOf(shown);
      if (picture === null) requestAnimationFrame(look);
      else worker.postMessage(picture, [picture.data.buffer]);
    };
    worker.onmessage = ({ data }: MessageEvent<Read>) => {
      if (isOver) return;
      if ('fault' in data) {
        setFault('broken');
        return;
      }
      const now = performance.now();
      const isSame = data.text === last.text && now - last.at < SAME_FOR_MS;
      if (data.text !== null) Object.assign(last, { text: data.text, at: now });
      if (data.text !== null && !isSame) take.current({ byLayout: data.text, byPlace: data.text });
      requestAnimationFrame(look);
    };
    worker.onerror = () => setFault('broken');
    void openCamera().then(async (opened) => {
      if (typeof opened === 'string') {
        setFault(opened);
        return;
      }
      stream = opened;
      if (isOver || shown === null) {
        for (const track of opened.getTracks()) track.stop();
        return;
      }
      shown.srcObject = opened;
      // Closed while it starts: there is nothing to look at.
      await shown.play().catch(() => {});
      look();
    });
    return () => {
      isOver = true;
      worker.terminate();
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, []);

  return (
    <section className={`${css.sheet} ${css.camera}`} aria-label={say('do.camera')}>
      {fault === null ? (
        <>
          <video ref={video} className={css.cameraPicture} muted playsInline />
          <p>{say('camera.hint')}</p>
        </>
      ) : (
        <p className={`${css.notice} ${css.warned}`} role="alert">
          {say(`camera.${fault}`)}
        </p>
      )}
      <div className={css.actions}>
        <button type="button" className={css.button} onClick={onClose}>
          {say('camera.close')}
        </button>
      </div>
    </section>
  );
}

/** The frame that is shown, no wider than is needed; null while there is none. */
function pictureOf(video: HTMLVideoElement): ImageData | null {
  if (video.videoWidth === 0) return null;
  const scale = Math.min(1, WIDTH / video.videoWidth);
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen?.drawImage(video, 0, 0, canvas.width, canvas.height);
  return pen?.getImageData(0, 0, canvas.width, canvas.height) ?? null;
}
