import { useState } from 'react';
import type { ShipmentDetail } from '../../../api/index.ts';
import { ScanField } from '../parts/ScanField.tsx';
import { useCountUnit } from '../queries.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { count, counted, shortEpc } from '../words/figures.ts';
import css from './UnitCount.module.css';

/** What was found in a unit when it was opened: scan by scan, or a list pasted at once. */
export function UnitCount({ shipment }: { shipment: ShipmentDetail }) {
  const mayCount = useMay('unit.count');
  const [isOpen, setOpen] = useState(false);
  const [done, setDone] = useState<string | null>(null);
  if (!mayCount || shipment.units.length === 0) return null;
  if (isOpen) {
    return (
      <Counting
        shipment={shipment}
        onDone={(said) => {
          setDone(said);
          setOpen(false);
        }}
      />
    );
  }
  return (
    <div className={css.countStart}>
      <button type="button" className="big-button" onClick={() => setOpen(true)}>
        {say('shipment.countAUnit')}
      </button>
      {done === null ? null : <span role="status">{done}</span>}
    </div>
  );
}

/** One scan; the same code twice is one item. */
interface Found {
  readonly code: string;
  readonly isDamaged: boolean;
}

function Counting({ shipment, onDone }: { shipment: ShipmentDetail; onDone: (said: string | null) => void }) {
  const send = useCountUnit(shipment.id);
  const [unit, setUnit] = useState(shipment.units[0]?.epc ?? '');
  const [found, setFound] = useState<readonly Found[]>([]);
  const listed = shipment.units.find(({ epc }) => epc === unit)?.serialCount ?? 0;
  const damaged = found.filter(({ isDamaged }) => isDamaged).length;
  const missing = Math.max(0, listed - found.length);
  // A count says that what is not in it is missing: where some are, it is asked twice, for this very number.
  const [agreed, setAgreed] = useState<number | null>(null);
  const isAsking = missing > 0 && agreed === missing;

  function add(text: string) {
    const codes = text.split(/\s+/).filter((code) => code !== '');
    setFound((before) => {
      const known = new Set(before.map(({ code }) => code));
      const fresh = [...new Set(codes)].filter((code) => !known.has(code));
      return [...fresh.toReversed().map((code) => ({ code, isDamaged: false })), ...before];
    });
  }

  function keep() {
    const codes = found.map(({ code }) => code);
    const broken = found.filter(({ isDamaged }) => isDamaged).map(({ code }) => code);
    const said = say('shipment.unitOfCounted', {
      unit: shortEpc(unit),
      length: count(found.length),
      listed: counted(listed, 'serial'),
      detail: damaged === 0 ? '' : `, ${count(damaged)} damaged`,
    });
    send.mutate({ unit, found: codes, damaged: broken }, { onSuccess: () => onDone(said) });
  }

  return (
    <section className={`panel ${css.count}`} aria-labelledby="count">
      <h2 id="count">{say('shipment.countAUnit')}</h2>
      <p className="muted">{say('shipment.openItAndScanEverything')}</p>
      <label className={css.countUnit}>
        {say('shipment.unit')}
        <select value={unit} onChange={(event) => setUnit(event.currentTarget.value)}>
          {shipment.units.map(({ epc, serialCount }) => (
            <option key={epc} value={epc}>
              {say('shipment.listed', { epc: shortEpc(epc), serialCount: counted(serialCount, 'serial') })}
            </option>
          ))}
        </select>
      </label>
      <ScanField label={say('shipment.scanWhatIsInIt')} hint="(01)…(21)…" action={say('shipment.add')} onScan={add} />
      <p className={css.countSoFar} role="status">
        <Say
          text="shipment.ofScanned"
          values={{
            b: <b className="figure">{count(found.length)}</b>,
            listed: count(listed),
            detail:
              damaged === 0 ? null : (
                <span className="ink-excursion">{say('shipment.damaged', { damaged: count(damaged) })}</span>
              ),
          }}
        />
      </p>
      <ul className={css.countList}>
        {found.map((item) => (
          <Item
            key={item.code}
            item={item}
            onDamaged={() => {
              setFound(found.map((one) => (one === item ? { ...one, isDamaged: !one.isDamaged } : one)));
            }}
            onRemove={() => setFound(found.filter((one) => one !== item))}
          />
        ))}
      </ul>
      {send.error === null ? null : (
        <p className="trouble" role="alert">
          {send.error.message}
        </p>
      )}
      <div className={css.countEnd}>
        <button
          type="button"
          className={`big-button ${css.countDo}`}
          disabled={send.isPending}
          onClick={missing === 0 || isAsking ? keep : () => setAgreed(missing)}
        >
          {send.isPending
            ? say('shipment.keeping')
            : isAsking
              ? say('shipment.yesMissing', { missing: count(missing) })
              : say('shipment.thatIsAll', { length: count(found.length) })}
        </button>
        <button
          type="button"
          className={`big-button ${css.countCancel}`}
          onClick={() => (isAsking ? setAgreed(null) : onDone(null))}
        >
          {isAsking ? say('shipment.scanOn') : say('shipment.cancel')}
        </button>
      </div>
    </section>
  );
}

function Item({ item, onDamaged, onRemove }: { item: Found; onDamaged: () => void; onRemove: () => void }) {
  const name = nameOf(item.code);
  return (
    <li>
      <span className="figure strong" title={item.code}>
        {name}
      </span>
      <button
        type="button"
        className={`big-button ${css.countDamaged}`}
        aria-pressed={item.isDamaged}
        aria-label={say('shipment.isDamaged', { name })}
        onClick={onDamaged}
      >
        {say('shipment.damaged2')}
      </button>
      <button
        type="button"
        className={`big-button ${css.countCancel}`}
        aria-label={say('shipment.remove', { name })}
        onClick={onRemove}
      >
        {say('shipment.remove2')}
      </button>
    </li>
  );
}

/** The serial of a scan in parentheses, or the last part of an EPC; anything else as it came. */
function nameOf(code: string): string {
  const serial = /\(21\)([^(]+)/.exec(code)?.[1] ?? /\/21\/([^/?]+)/.exec(code)?.[1];
  return serial ?? (code.startsWith('urn:') ? shortEpc(code) : code);
}
