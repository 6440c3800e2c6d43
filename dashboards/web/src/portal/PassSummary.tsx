import { Link } from 'react-router';
import { WhenExact } from '../parts/When.tsx';
import { usePass } from '../queries.ts';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import { DIRECTION_WORDS } from '../words/pass.ts';
import css from './PassSummary.module.css';

/** The pass an alert rests on, in one line, with the way to its screen. */
export function PassSummary({ id }: { id: string }) {
  const { data: pass } = usePass(id);
  if (pass === undefined) return null;
  return (
    <section className={`panel section ${css.passSummary}`} aria-label={say('portal.thePass')}>
      <span>
        <b>{DIRECTION_WORDS[pass.direction]}</b> <WhenExact at={pass.from} />
      </span>
      <span className="figure">
        {say('portal.ofExpectedNotExpectedMissing', {
          seen: count(pass.counts.seen),
          expected: count(pass.counts.expected),
          unexpected: count(pass.counts.unexpected),
          missing: count(pass.counts.missing),
        })}
      </span>
      <Link to={`/portals/${encodeURIComponent(pass.portal)}?pass=${encodeURIComponent(pass.id)}`}>
        {say('portal.seeThePass')}
      </Link>
    </section>
  );
}
