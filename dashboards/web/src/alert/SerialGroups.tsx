import { IconChevronRight } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { Link } from 'react-router';
import type { AffectedSerialView } from '../../../api/index.ts';
import { usePrinting } from '../parts/usePrinting.ts';
import { useZone } from '../parts/Zone.tsx';
import { say } from '../text/say.ts';
import { counted, degrees, shortEpc } from '../words/figures.ts';
import { unitText } from '../words/printed.ts';
import { clock } from '../words/when.ts';
import css from './SerialGroups.module.css';
import type { SerialGroup } from './serial-groups.ts';

/** So few serials are shown one by one from the start. */
const OPEN_UP_TO = 12;

interface SerialGroupsProps {
  readonly groups: readonly SerialGroup[];
  /** Whether minutes, lowest and highest are known of them. */
  readonly isMeasured: boolean;
  readonly hasReasons: boolean;
}

/** Serials by unit and lot: `48 serials, A17, (00)…, 19 minutes, at most 12.5 °C`; each opens to its serials. */
export function SerialGroups({ groups, isMeasured, hasReasons }: SerialGroupsProps) {
  const isPrinting = usePrinting();
  const total = groups.reduce((sum, { serials }) => sum + serials.length, 0);
  return (
    <table className={`table cards ${css.groups}`}>
      <thead>
        <tr>
          <th scope="col">{say('alert.serial2')}</th>
          {hasReasons ? <th scope="col">{say('alert.why')}</th> : null}
          <th scope="col">{say('alert.lot')}</th>
          <th scope="col">{say('alert.expires')}</th>
          <th scope="col">{say('alert.unit')}</th>
          <th scope="col">{isMeasured ? say('alert.from') : say('alert.seenFrom')}</th>
          <th scope="col">{say('alert.to')}</th>
          {isMeasured ? (
            <>
              <th scope="col" className="right">
                {say('alert.minutesOut')}
              </th>
              <th scope="col" className="right">
                {say('alert.lowest')}
              </th>
              <th scope="col" className="right">
                {say('alert.highest')}
              </th>
            </>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {groups.map((group) => (
          <Group
            key={group.key}
            group={group}
            columns={{ isMeasured, hasReasons }}
            isOpenAtFirst={total <= OPEN_UP_TO}
            isPrinting={isPrinting}
          />
        ))}
      </tbody>
    </table>
  );
}

interface GroupProps {
  readonly group: SerialGroup;
  readonly columns: { readonly isMeasured: boolean; readonly hasReasons: boolean };
  readonly isOpenAtFirst: boolean;
  readonly isPrinting: boolean;
}

function Group({ group, columns, isOpenAtFirst, isPrinting }: GroupProps) {
  const { isMeasured, hasReasons } = columns;
  const { serials, lot, expiry, unit, reason, from, to, minutes, min, max, gtin } = group;
  const zone = useZone();
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const id = useId();
  const [first] = serials;
  const last = serials.at(-1);
  if (first === undefined || last === undefined) return null;
  const isOne = serials.length === 1;
  return (
    <>
      <tr>
        <td>
          {isOne ? (
            <SerialLink serial={first} />
          ) : (
            <>
              <button
                type="button"
                className={css.toggle}
                aria-expanded={isOpen}
                aria-controls={id}
                onClick={() => setOpen(!isOpen)}
              >
                <IconChevronRight size={15} stroke={2} aria-hidden="true" />
                {counted(serials.length, 'serial')}
              </button>
              <span className={`${css.range} muted figure`}>
                {say('alert.to2', { first: nameOf(first), last: nameOf(last) })}
              </span>
            </>
          )}
          {gtin === null ? null : <span className={`${css.range} muted figure`}>{say('alert.gtin', { gtin })}</span>}
        </td>
        {hasReasons ? (
          <td data-label={say('alert.why')} className="ink-excursion">
            {reason}
          </td>
        ) : null}
        <td data-label={say('alert.lot')}>{lot ?? <span className="muted">–</span>}</td>
        <td data-label={say('alert.expires')} className={`figure ${css.number}`}>
          {expiry ?? <span className="muted">–</span>}
        </td>
        <td data-label={say('alert.unit')} className={`figure ${css.number}`}>
          {unit === null ? <span className="muted">–</span> : unitText(unit)}
        </td>
        <td data-label={isMeasured ? say('alert.from') : say('alert.seenFrom')} className={`figure ${css.number}`}>
          {clock(Date.parse(from), zone)}
        </td>
        <td data-label={say('alert.to')} className={`figure ${css.number}`}>
          {to === null ? <span className="ink-excursion">{say('alert.stillThere')}</span> : clock(Date.parse(to), zone)}
        </td>
        {isMeasured ? (
          <>
            <td data-label={say('alert.minutesOut')} className="right figure strong">
              {minutesText(minutes)}
            </td>
            <td data-label={say('alert.lowest')} className={`right figure ${css.number}`}>
              {min === null ? '–' : degrees(min)}
            </td>
            <td data-label={say('alert.highest')} className={`right figure ${css.number}`}>
              {max === null ? '–' : degrees(max)}
            </td>
          </>
        ) : null}
      </tr>
      {!isOne && (isOpen || isPrinting) ? (
        <tr className={css.members} id={id}>
          <td colSpan={6 + (hasReasons ? 1 : 0) + (isMeasured ? 3 : 0)}>
            <ul className={css.list}>
              {serials.map((serial) => (
                <li key={`${serial.epc}|${serial.from}`}>
                  <SerialLink serial={serial} />
                  {isUniform(group) || serial.minutesOutOfRange === null ? null : (
                    <span className="muted figure">
                      {say('alert.min', {
                        minutesOutOfRange: Math.round(serial.minutesOutOfRange),
                        detail: serial.max === null ? '' : say('alert.atMost', { max: degrees(serial.max) }),
                      })}
                    </span>
                  )}
                </li>
              ))}
            </ul>
          </td>
        </tr>
      ) : null}
    </>
  );
}

function SerialLink({ serial }: { serial: AffectedSerialView }) {
  return (
    <Link to={`/serials/${encodeURIComponent(serial.epc)}`} title={serial.epc}>
      {nameOf(serial)}
    </Link>
  );
}

function nameOf(serial: AffectedSerialView): string {
  return serial.serial ?? shortEpc(serial.epc);
}

function minutesText(minutes: SerialGroup['minutes']): string {
  if (minutes === null) return '–';
  const least = Math.round(minutes.least);
  const most = Math.round(minutes.most);
  return least === most ? String(most) : say('alert.to3', { least, most });
}

/** Whether each of them had the same, so that the line above says it all. */
function isUniform({ minutes, serials, max }: SerialGroup): boolean {
  return minutes === null || (minutes.least === minutes.most && serials.every((serial) => serial.max === max));
}
