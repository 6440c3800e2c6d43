/** Why there is no picture: a key of the words that say so. */
export type CameraFault = 'insecure' | 'denied' | 'none' | 'broken';

/** The camera that looks away from the person, where there is one. @returns its stream, or why there is none */
export async function openCamera(): Promise<MediaStream | CameraFault> {
  // Browsers lend it only where the page came by TLS or from this machine.
  if (navigator.mediaDevices === undefined) return 'insecure';
  try {
    const video = { facingMode: 'environment', width: { ideal: 1_280 }, height: { ideal: 720 } };
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    return faultOf(error instanceof DOMException ? error.name : '');
  }
}

/** W3C Media Capture and Streams, 10.2: what getUserMedia fails with. */
function faultOf(name: string): CameraFault {
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'none';
  return 'broken';
}
