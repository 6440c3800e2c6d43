import type { ReactNode } from 'react';
import type { LaneView } from '../../../api/index.ts';
import { say } from '../text/say.ts';
import css from './Lanes.module.css';

export function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="figure">{children}</dd>
    </div>
  );
}

/** Per 1,000 with its interval, or why there is none. */
export function Rate({ rate }: { rate: LaneView['rate'] }) {
  return <span className={`muted ${css.rate}`}>{rate === null ? say('lane.tooFew') : say('lane.rate', rate)}</span>;
}
