import { type ChangeEvent, useState } from 'react';
import type { PassDetail } from '../../../api/index.ts';
import css from './dock.module.css';
import { useWords } from './language.tsx';
import { type TakenPhoto, takenPhoto } from './photo.ts';
import { printed } from './Verdict.tsx';

const MOST_PHOTOS = 4;
/** Kept while the network is away, at this screen: some 12 MB. */
const MOST_KEPT = 40;
const UNITS_SHOWN = 4;

interface DamagedProps {
  readonly pass: PassDetail;
  /** Serials that were scanned since this was opened. */
  readonly scanned: ReadonlySet<string>;
  /** Photos that wait to be sent. */
  readonly kept: number;
  readonly onSend: (epcs: readonly string[], photos: readonly Blob[], note: string) => void;
  readonly onCancel: () => void;
}

/** What of a pallet is damaged: packs by scan, units by touch, with photos. */
export function Damaged({ pass, scanned, kept, onSend, onCancel }: DamagedProps) {
  const { say } = useWords();
  const [units, setUnits] = useState<ReadonlySet<string>>(new Set());
  const [photos, setPhotos] = useState<readonly TakenPhoto[]>([]);
  const [isBad, setBad] = useState(false);
  const [note, setNote] = useState('');
  const isFull = kept + photos.length >= MOST_KEPT;
  const epcs = [...scanned, ...units];

  async function take({ currentTarget: input }: ChangeEvent<HTMLInputElement>) {
    const files = [...(input.files ?? [])];
    // The same photo may be chosen again.
    input.value = '';
    try {
      const taken = await Promise.all(files.map(takenPhoto));
      setPhotos((before) => [...before, ...taken].slice(0, MOST_PHOTOS));
      setBad(false);
    } catch {
      // Told to the person: nothing was taken.
      setBad(true);
    }
  }

  return (
    <section className={css.sheet} aria-labelledby="damaged">
      <h2 id="damaged">{say('damage.title')}</h2>
      <p>{say('damage.hint')}</p>
      <p role="status">
        <b>{epcs.length === 0 ? say('damage.none') : epcs.map(printed).join(', ')}</b>
      </p>
      {isBad ? (
        <p className={`${css.notice} ${css.warned}`} role="alert">
          {say('damage.bad')}
        </p>
      ) : null}
      {isFull ? <p className={`${css.notice} ${css.warned}`}>{say('damage.full')}</p> : null}
      <div className={css.actions}>
        {pass.units.slice(0, UNITS_SHOWN).map(({ epc }) => (
          <button
            key={epc}
            type="button"
            className={css.button}
            aria-pressed={units.has(epc)}
            onClick={() => setUnits(toggled(units, epc))}
          >
            {say('damage.unit', { unit: printed(epc) })}
          </button>
        ))}
        {isFull || photos.length >= MOST_PHOTOS ? null : (
          <label className={`${css.button} ${css.file}`}>
            {say('damage.photo')}
            <input type="file" accept="image/*" capture="environment" onChange={(event) => void take(event)} />
          </label>
        )}
      </div>
      {photos.length === 0 ? null : (
        <ul className={css.photos}>
          {photos.map(({ thumb }, index) => (
            <li key={thumb}>
              <button
                type="button"
                className={css.photo}
                aria-label={say('damage.drop', { number: index + 1 })}
                onClick={() => setPhotos(photos.filter((_, other) => other !== index))}
              >
                <img src={thumb} alt="" />
                <span aria-hidden="true">×</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <label className={css.note}>
        {say('damage.note')}
        <textarea
          className={css.field}
          value={note}
          rows={2}
          maxLength={1_000}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
      </label>
      <div className={css.actions}>
        <button
          type="button"
          className={`${css.button} ${css.main}`}
          disabled={epcs.length === 0}
          onClick={() =>
            onSend(
              epcs,
              photos.map(({ blob }) => blob),
              note.trim(),
            )
          }
        >
          {say('damage.go')}
        </button>
        <button type="button" className={css.button} onClick={onCancel}>
          {say('do.cancel')}
        </button>
      </div>
    </section>
  );
}

function toggled(set: ReadonlySet<string>, one: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(one)) next.add(one);
  return next;
}
