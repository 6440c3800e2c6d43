import { createECDH } from 'node:crypto';
import type { InstallationKey } from '../../storage/index.ts';

/** By which push services know this installation (VAPID, RFC 8292): base64url, as `applicationServerKey` takes it. */
export interface VapidKeys {
  /** A point on P-256, uncompressed. */
  readonly publicKey: string;
  readonly privateKey: string;
}

/**
 * Drawn from the installation's key: every process of an installation has the same, none has to be kept, and no backup
 * has it. With another installation key browsers have to ask anew, which the page does when it is opened.
 */
export function vapidKeysOf(key: InstallationKey): VapidKeys {
  const curve = createECDH('prime256v1');
  for (let attempt = 0; ; attempt++) {
    const drawn = key.derived(`web push (VAPID) ${attempt}`, 32);
    try {
      curve.setPrivateKey(drawn);
    } catch (error) {
      // Zero, or beyond the curve's order: once in four billion keys.
      if (attempt > 8) throw error;
      continue;
    }
    return { publicKey: curve.getPublicKey('base64url'), privateKey: drawn.toString('base64url') };
  }
}
