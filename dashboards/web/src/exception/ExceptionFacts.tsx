import type { ReactNode } from 'react';
import type { ExceptionView } from '../../../api/index.ts';
import { WhenExact } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import { packOf, unitText } from '../words/printed.ts';
import css from './exception.module.css';

interface ExceptionFactsProps {
  readonly exception: Pick<ExceptionView, 'kind' | 'due' | 'overdue' | 'shipment' | 'epcs'>;
  /** What only one side sees, before when it is due. */
  readonly children?: ReactNode;
}

/** What both sides see of an exception beside what they said. */
export function ExceptionFacts({ exception: { kind, due, overdue, shipment, epcs }, children }: ExceptionFactsProps) {
  return (
    <dl className={`panel section ${css.facts}`}>
      <Fact name={say('exceptions.kind')}>{say(`exception.kind.${kind}`)}</Fact>
      {children}
      <Fact name={say('exceptions.due')}>
        <WhenExact at={due} /> {overdue ? <b className="trouble">{say('exceptions.late')}</b> : null}
      </Fact>
      {shipment === null ? null : <Fact name={say('exceptions.shipment')}>{shipment}</Fact>}
      {epcs.length === 0 ? null : (
        <Fact isWide name={say('exception.epcs')}>
          <ul className={css.epcs}>
            {epcs.map((epc) => (
              <li key={epc}>{printed(epc)}</li>
            ))}
          </ul>
        </Fact>
      )}
    </dl>
  );
}

export function Fact({ name, children, isWide = false }: { name: string; children: ReactNode; isWide?: boolean }) {
  return (
    <div className={isWide ? css.whole : undefined}>
      <dt className="muted">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A serial or a unit as its label prints it. */
function printed(epc: string): string {
  const pack = packOf(epc);
  return pack === null ? unitText(epc) : say('exception.pack', pack);
}
