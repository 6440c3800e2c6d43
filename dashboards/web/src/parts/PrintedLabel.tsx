import { say } from '../text/say.ts';
import css from './PrintedLabel.module.css';
import { QrCode } from './QrCode.tsx';

interface PrintedLabelProps {
  /** What the code leads to. */
  readonly link: string;
  /** Of the product, or what else is to stand above the figures. */
  readonly name: string | null;
  /** What the code says, in figures: element strings with their application identifiers in brackets. */
  readonly lines: readonly string[];
}

/** A label as it is stuck on: a QR code and the same in figures (GS1 General Specifications, 4.14). */
export function PrintedLabel({ link, name, lines }: PrintedLabelProps) {
  return (
    <figure className={css.label}>
      <QrCode text={link} label={say('serial.qrOf', { link })} />
      <figcaption>
        {name === null ? null : <b>{name}</b>}
        {lines.map((line) => (
          <span key={line}>{line}</span>
        ))}
      </figcaption>
    </figure>
  );
}
