import { useState } from 'react';
import type { DifferenceView, PassDetail, PassItem } from '../../../api/index.ts';
import { TellPartner } from '../exception/TellPartner.tsx';
import { useZone } from '../parts/Zone.tsx';
import { useReconciliation } from '../queries.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import { saidText } from '../words/said.ts';
import css from './Portal.module.css';
import { Printed } from './Printed.tsx';
import reconciliationCss from './Reconciliation.module.css';
import { DifferenceCard, Settle, SettledText } from './Reconciliation.tsx';

/** In the dock worker's words, and of the same serials that the banner counts. */
const KINDS = [
  {
    key: 'missing',
    get title() {
      return say('portal.missing');
    },
    get hint() {
      return say('portal.lookForTheseBeforeThe');
    },
  },
  {
    key: 'unexpected',
    get title() {
      return say('portal.tooMany');
    },
    get hint() {
      return say('portal.takeTheseOffThePallet');
    },
  },
  {
    key: 'strays',
    get title() {
      return say('portal.readByMistake');
    },
    get hint() {
      return say('portal.theseStandNearTheDoor');
    },
  },
] as const;

const SHOWN = 50;

/** What differs in a pass, one card for what to look for and one for what to take off. Big enough for gloves. */
export function PassDifferences({ pass }: { pass: PassDetail }) {
  const of = { kind: 'passes', id: pass.id } as const;
  const { data } = useReconciliation(of);
  const lines = pass.isProvisional ? [] : (data?.lines ?? []);
  const lists = KINDS.filter(({ key }) => pass[key].length > 0);
  const counted = new Set([...pass.missing, ...pass.unexpected].map(({ epc }) => epc));
  const others = lines.filter((line) => !concerned(line).some((epc) => counted.has(epc)));
  if (lists.length === 0 && others.length === 0) return null;
  return (
    <>
      <div className={css.differences}>
        {lists.map(({ key, title, hint }) => (
          <Card
            key={key}
            title={title}
            hint={pass.isProvisional && key === 'missing' ? say('portal.readsMayStillComeDo') : hint}
            items={pass[key]}
            lines={key === 'strays' ? [] : lines.filter((line) => touches(line, pass[key]))}
            of={of}
          />
        ))}
        {others.map((line) => (
          <DifferenceCard key={line.id} of={of} line={line} />
        ))}
      </div>
      {lines.some(({ settlement }) => settlement === null) ? (
        <TellPartner of={{ pass: pass.id }} name={pass.id} />
      ) : null}
    </>
  );
}

/** Every serial that a difference is about: of a wrong serial also the one in whose place it came. */
function concerned({ serials, insteadOf }: DifferenceView): readonly string[] {
  return [...serials, ...insteadOf];
}

function touches(line: DifferenceView, items: readonly PassItem[]): boolean {
  const epcs = new Set(concerned(line));
  return items.some(({ epc }) => epcs.has(epc));
}

function Card(given: {
  title: string;
  hint: string;
  items: readonly PassItem[];
  lines: readonly DifferenceView[];
  of: { kind: 'passes'; id: string };
}) {
  const { title, hint, items, lines, of } = given;
  const zone = useZone();
  const [isAsking, setAsking] = useState(false);
  const maySettle = useMay('difference.settle');
  const open = lines.filter(({ state }) => state === 'open');
  const settled = lines.filter(({ state }) => state === 'settled');
  return (
    <section className={`panel ${css.difference}`} aria-label={title}>
      <h2>
        {title} <span className="figure">{count(items.length)}</span>
      </h2>
      <p className="muted">{hint}</p>
      <ul className={css.differenceList}>
        {items.slice(0, SHOWN).map((item) => (
          <li key={item.epc}>
            <Printed epc={item.epc} lot={item.lot} />
            <span>{[item.product, item.shipment].filter((part) => part !== null).join(' · ')}</span>
            <span className="muted">{saidText(item.reason, zone)}</span>
          </li>
        ))}
        {items.length > SHOWN ? (
          <li className="muted">{say('portal.andMore', { count: count(items.length - SHOWN) })}</li>
        ) : null}
      </ul>
      {settled.map((line) => (
        <SettledText key={line.id} line={line} />
      ))}
      {isAsking && open.length > 0 ? <Settle of={of} lines={open} onDone={() => setAsking(false)} /> : null}
      {maySettle && !isAsking && open.length > 0 ? (
        <button type="button" className={`big-button ${reconciliationCss.settleAsk}`} onClick={() => setAsking(true)}>
          {say('portal.settle')}
        </button>
      ) : null}
    </section>
  );
}
