import { useState } from 'react';
import { Link } from 'react-router';
import type { ShipmentJourneyView } from '../../../api/index.ts';
import { segment } from '../ask.ts';
import { usePrinting } from '../parts/usePrinting.ts';
import { useZone } from '../parts/Zone.tsx';
import { say } from '../text/say.ts';
import { summaryText, unitOf } from '../words/alert.ts';
import { valueText } from '../words/figures.ts';
import { unitText } from '../words/printed.ts';
import { plainText } from '../words/said.ts';
import { full, local } from '../words/when.ts';
import css from './Journey.module.css';
import { briefText, excusedText, suspectText } from './journey-words.ts';
import type { Mark } from './marks.ts';
import type { Drawn } from './useDrawn.ts';
import { useViewState } from './useViewStore.ts';
import type { ViewStore } from './view-store.ts';

interface JourneyTableProps {
  readonly journey: ShipmentJourneyView;
  readonly marks: readonly Mark[];
  readonly drawn: readonly Drawn[];
  readonly store: ViewStore;
}

interface Row {
  readonly key: string;
  readonly at: number;
  readonly until: string | null;
  readonly what: string;
  readonly about: string;
  readonly href: string | null;
}

/** The same as the chart in rows: for screen readers, for paper, and for who wants to read it. */
export function JourneyTable(props: JourneyTableProps) {
  const [isOpen, setOpen] = useState(false);
  const isPrinting = usePrinting();
  return (
    <details className={css.table} open={isOpen || isPrinting} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{say('journey.table')}</summary>
      {isOpen || isPrinting ? <Tables {...props} /> : null}
    </details>
  );
}

function Tables({ journey, marks, drawn, store }: JourneyTableProps) {
  const zone = useZone();
  const { shown } = useViewState(store);
  const rows = rowsOf(journey, marks, zone);
  const steps = stepsOf(drawn, shown);
  return (
    <>
      <h3>{say('journey.table.events')}</h3>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{say('journey.table.when')}</th>
              <th scope="col">{say('journey.table.until')}</th>
              <th scope="col">{say('journey.table.what')}</th>
              <th scope="col">{say('journey.table.about')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, at, until, what, about, href }) => (
              <tr key={key}>
                <td className="figure">{local(at, zone)}</td>
                <td className="figure">
                  {until === null ? '' : isTime(until) ? local(Date.parse(until), zone) : until}
                </td>
                <td>{href === null ? what : <Link to={href}>{what}</Link>}</td>
                <td className="muted">{about}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {steps.length === 0 ? null : (
        <>
          <h3>{say('journey.table.readings')}</h3>
          <div className="scroll">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{say('journey.table.when')}</th>
                  {drawn.map(({ logger, metric }) => (
                    <th key={`${logger.id} ${metric}`} scope="col" className="right">
                      {logger.label}
                      {metric === 'temperature' ? null : `, ${metric}`}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {steps.map(({ at, spreads }) => (
                  <tr key={at}>
                    <td className="figure">{full(at, zone)}</td>
                    {spreads.map((spread, index) => (
                      <td key={`${drawn[index]?.logger.id} ${drawn[index]?.metric}`} className="right figure">
                        {spread === null ? '–' : spreadText(spread, unitOf(drawn[index]?.metric))}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </>
  );
}

function isTime(text: string): boolean {
  return /^\d{4}-/.test(text);
}

interface Spread {
  readonly least: number;
  readonly most: number;
}

function spreadText({ least, most }: Spread, unit: string): string {
  if (least === most) return valueText(least, unit);
  return say('chart.to', { min: valueText(least, unit), max: valueText(most, unit) });
}

const STEPS = 24;

/** What is shown in so many steps: the least and greatest of each line. */
function stepsOf(drawn: readonly Drawn[], { from, to }: { from: number; to: number }) {
  const step = (to - from) / STEPS;
  const steps = Array.from({ length: STEPS }, (_, index) => ({
    at: from + index * step,
    spreads: drawn.map((): Spread | null => null),
  }));
  for (const [line, { series }] of drawn.entries()) {
    for (const [row, seconds] of series.time.entries()) {
      const spreads = steps[Math.floor((seconds * 1000 - from) / step)]?.spreads;
      if (spreads === undefined) continue;
      const [low, high] = [series.min?.[row] ?? series.value[row] ?? 0, series.max?.[row] ?? series.value[row] ?? 0];
      const before = spreads[line] ?? null;
      spreads[line] = { least: Math.min(before?.least ?? low, low), most: Math.max(before?.most ?? high, high) };
    }
  }
  return steps.filter(({ spreads }) => spreads.some((spread) => spread !== null));
}

function rowsOf(journey: ShipmentJourneyView, marks: readonly Mark[], zone: string): Row[] {
  const goesOn = say('journey.stillGoesOn');
  const during = ({ from, to }: { from: string; to: string | null }) => ({ at: Date.parse(from), until: to ?? goesOn });
  const names = new Map(journey.devices.map(({ device, name }) => [device, name]));
  const nameOf = (device: string | null) => (device === null ? '' : (names.get(device) ?? device));
  return [
    ...journey.devices.map((one) => ({
      ...{ key: `on ${one.device} ${one.from} ${one.unit}`, ...during(one), about: one.name },
      ...{ what: say('journey.attached', { unit: unitText(one.unit) }), href: `/devices/${segment(one.device)}` },
    })),
    ...journey.presence.map((one) => ({
      ...{ key: `at ${one.unit} ${one.from}`, ...during(one), about: unitText(one.unit), href: null },
      what: one.place === null ? say('journey.onTheWay') : say('journey.unit.at', { place: one.place.name }),
    })),
    ...journey.containment.flatMap((one) =>
      one.parent === null
        ? []
        : [
            {
              ...{ key: `in ${one.unit} ${one.from}`, ...during(one), about: unitText(one.unit), href: null },
              what: say('journey.unit.in', { parent: unitText(one.parent) }),
            },
          ],
    ),
    ...journey.alerts
      .filter(({ state, kind }) => state !== 'retracted' && (kind === 'threshold' || kind === 'silence'))
      .map((one) => ({
        ...{ key: one.id, ...during(one), what: plainText(summaryText(one), zone), about: nameOf(one.device) },
        href: `/alerts/${segment(one.id)}`,
      })),
    ...journey.brief.map((one) => ({
      ...{ key: `brief ${one.device} ${one.from}`, ...during(one), what: briefText(one), about: nameOf(one.device) },
      href: null,
    })),
    ...journey.suspects.map((one) => ({
      ...{
        key: `suspect ${one.device} ${one.from}`,
        ...during(one),
        what: suspectText(one),
        about: nameOf(one.device),
      },
      href: null,
    })),
    ...journey.excused.map((one) => ({
      ...{ key: `excused ${one.device} ${one.from} ${one.how}`, ...during(one), what: excusedText(one) },
      ...{ about: nameOf(one.device), href: one.case === null ? null : `/cases/${segment(one.case)}` },
    })),
    // What somebody signed, and why, is shown word for word.
    ...marks.map(({ key, at, kind, text, about, href }) => ({
      ...{ key, at, until: null, href },
      ...(kind === 'decision'
        ? { what: text, about: about ?? '' }
        : { what: plainText(text, zone), about: plainText(about ?? '', zone) }),
    })),
  ].toSorted((a, b) => a.at - b.at);
}
