import { correction, generate } from 'lean-qr';
import { toSvgDataURL } from 'lean-qr/extras/svg';

interface QrCodeProps {
  readonly text: string;
  /** What is in it, for those who do not see it. */
  readonly label: string;
}

/** A QR code (ISO/IEC 18004), black on white in every theme: scanners want it so. */
export function QrCode({ text, label }: QrCodeProps) {
  const code = generate(text, { minCorrectionLevel: correction.M });
  const source = toSvgDataURL(code, { on: 'black', off: 'white', padX: 4, padY: 4 });
  return <img src={source} alt={label} width={200} height={200} className="qr" />;
}
