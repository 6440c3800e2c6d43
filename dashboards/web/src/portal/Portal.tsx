import { Link, useParams, useSearchParams } from 'react-router';
import type { PassView, ReadGapView } from '../../../api/index.ts';
import { useLive } from '../live/Live.tsx';
import { useNow } from '../live/useNow.ts';
import { DoorShape } from '../parts/DoorShape.tsx';
import { ConditionMark } from '../parts/Marks.tsx';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { When } from '../parts/When.tsx';
import { useSiteZone, useZone } from '../parts/Zone.tsx';
import { usePass, usePasses, usePortals } from '../queries.ts';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import { gapText } from '../words/gap.ts';
import { ANSWER_SHAPES, ANSWER_STATES, ANSWER_WORDS, answerOf, DIRECTION_WORDS, verdictText } from '../words/pass.ts';
import { ago, clock } from '../words/when.ts';
import { NotYet } from './NotYet.tsx';
import { PassDamages } from './PassDamages.tsx';
import { PassDifferences } from './PassDifferences.tsx';
import css from './Portal.module.css';
import { ShownLights } from './ShownLights.tsx';
import { Usual } from './Usual.tsx';

/** For the door: the last pallet's verdict, readable from three metres, and what is wrong with it underneath. */
export function PortalPage() {
  const { id = '' } = useParams();
  useLive(`portal:${id}`);
  const now = useNow(5_000);
  const [search, setSearch] = useSearchParams();
  const { data: portals } = usePortals();
  const { data: passes, error, isPending, refetch } = usePasses(id);
  const portal = portals?.find((candidate) => candidate.id === id);
  useSiteZone(portal?.site.zone);
  const zone = useZone();
  useTitle(portal?.name ?? say('portal.portal', { id }));
  const asked = search.get('pass');
  const newest = passes?.items[0] ?? null;
  const shownId = asked ?? newest?.id ?? null;
  const { data: detail } = usePass(shownId);

  if (isPending) return <Loading rows={3} height={160} />;
  if (passes === undefined)
    return (
      <Failed error={error ?? new Error('')} isScreen what={say('portal.thisPortal')} onRetry={() => void refetch()} />
    );
  const shown = passes.items.find((pass) => pass.id === shownId) ?? detail;
  return (
    <div className="wall">
      <p className="crumbs">
        <Link to="/portals">{say('portal.portals')}</Link>
        <span className="muted">{portal?.site.name}</span>
      </p>
      <div className="head">
        <h1>{portal?.name ?? id}</h1>
        <span className="spring" />
        <Link className="spaced" to={`/dock/${encodeURIComponent(id)}`}>
          {say('portal.screen')}
        </Link>
        {asked !== null && newest !== null && asked !== newest.id ? (
          <button type="button" className="big-button" onClick={() => setSearch({}, { replace: true })}>
            {say('portal.backToTheNewest')}
          </button>
        ) : null}
      </div>
      <Gaps gaps={portal?.gaps ?? []} zone={zone} now={now} />
      {shown === undefined ? (
        <Nothing title={say('portal.nothingHasComeThroughYet')}>{say('portal.theNextPalletShowsHere')}</Nothing>
      ) : (
        <>
          <Verdict pass={shown} now={now} />
          <ShownLights lights={shown.shownLights} />
          <NotYet pass={shown} />
          {detail !== undefined && detail.id === shown.id ? <PassDifferences pass={detail} /> : null}
          <PassDamages pass={shown.id} />
        </>
      )}
      {passes.items.length > 1 ? (
        <section className="section-open" aria-labelledby="earlier">
          <h2 id="earlier">{say('portal.passes')}</h2>
          <ul className={css.passes}>
            {passes.items.map((pass) => (
              <li key={pass.id}>
                <button
                  type="button"
                  className={`${css.passButton} ${css[ANSWER_STATES[answerOf(pass)]]}`}
                  aria-current={pass.id === shownId}
                  onClick={() => setSearch({ pass: pass.id }, { replace: true })}
                >
                  <DoorShape state={ANSWER_SHAPES[answerOf(pass)]} className={css.passShape} />
                  <span>
                    <b>{ANSWER_WORDS[answerOf(pass)]}</b> {verdictText(pass)}
                    <span className="muted">
                      {say('portal.at', {
                        value: DIRECTION_WORDS[pass.direction],
                        clock: clock(Date.parse(pass.from), zone, now),
                      })}
                    </span>
                  </span>
                  <span className={`figure ${css.passSeen}`}>{count(pass.counts.seen)}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <Usual portal={id} />
    </div>
  );
}

const GAPS_SHOWN = 3;

/** A door that may have missed something says so, whether or not a pass was known then. */
function Gaps({ gaps, zone, now }: { gaps: readonly ReadGapView[]; zone: string; now: number }) {
  if (gaps.length === 0) return null;
  const texts = gaps.map((gap) => ({ key: `${gap.reader} ${gap.from} ${gap.reason}`, text: gapText(gap, zone, now) }));
  const earlier = texts.slice(GAPS_SHOWN);
  return (
    <section className={css.gaps} aria-label={say('portal.readsThatMayBeMissing')}>
      <ConditionMark state="warning" size={24} label={null} />
      <div>
        <ul>
          {texts.slice(0, GAPS_SHOWN).map(({ key, text }) => (
            <li key={key}>{text}</li>
          ))}
        </ul>
        {earlier.length === 0 ? null : (
          <details>
            <summary>{say('portal.moreInTheLast24', { length: count(earlier.length) })}</summary>
            <ul>
              {earlier.map(({ key, text }) => (
                <li key={key}>{text}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </section>
  );
}

function Verdict({ pass, now }: { pass: PassView; now: number }) {
  const { counts } = pass;
  const answer = answerOf(pass);
  return (
    <section
      className={`${css.verdict} ${css[`verdict-${ANSWER_STATES[answer]}`]}`}
      aria-live="polite"
      aria-label={say('portal.verdict')}
    >
      <div className={css.verdictTop}>
        <DoorShape state={ANSWER_SHAPES[answer]} className={css.verdictShape} />
        <div>
          <p className={css.verdictWord}>{ANSWER_WORDS[answer]}</p>
          <p className={css.verdictText}>{verdictText(pass)}</p>
          <p className={css.verdictWhen}>
            {DIRECTION_WORDS[pass.direction]}, <When at={pass.from} /> ({ago(Date.parse(pass.to), now)})
            {pass.shipments.length === 0 ? null : `, ${pass.shipments.join(', ')}`}
          </p>
        </div>
      </div>
      <dl className={css.verdictCounts}>
        <Count name={say('portal.expected')} value={counts.expected} />
        <Count name={say('portal.read')} value={counts.seen} />
        <Count name={say('portal.missing')} value={counts.missing} isTrouble={counts.missing > 0} />
        <Count name={say('portal.tooMany')} value={counts.unexpected} isTrouble={counts.unexpected > 0} />
      </dl>
    </section>
  );
}

function Count({ name, value, isTrouble = false }: { name: string; value: number; isTrouble?: boolean }) {
  return (
    <div className={isTrouble ? css.verdictTrouble : undefined}>
      <dt>{name}</dt>
      <dd className="figure">{count(value)}</dd>
    </div>
  );
}
