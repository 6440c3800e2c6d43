import type { PassView, ReconciliationView } from '../../../api/index.ts';
import { DoorShape } from '../parts/DoorShape.tsx';
import css from './dock.module.css';
import { SHIFT_MS, useDifferencesOfAll, useShift } from './dock-queries.ts';
import { doorState, whatIs } from './door-state.ts';
import { useWords } from './language.tsx';
import { countOf } from './Verdict.tsx';

/** What came through this shift, what the door said of it, and what became of it. */
export function History({
  door,
  zone,
  newest,
  now,
  onBack,
}: {
  door: string;
  zone: string | null;
  newest: PassView | null;
  now: number;
  onBack: () => void;
}) {
  const { say } = useWords();
  const hour = Math.floor(now / 3_600_000) * 3_600_000;
  const { data } = useShift(door, hour - SHIFT_MS, whatIs(newest));
  const passes = data?.items ?? [];
  const wrong = passes.filter(({ verdict, isProvisional }) => verdict === 'check' && !isProvisional);
  const asked = useDifferencesOfAll(wrong.map(({ id }) => id));
  const differences = new Map(wrong.map(({ id }, index) => [id, asked[index]?.data]));
  return (
    <section className={css.sheet} aria-labelledby="shift">
      <div className={css.sheetHead}>
        <h2 id="shift">{say('history.title')}</h2>
        <button type="button" className={css.button} onClick={onBack}>
          {say('do.back')}
        </button>
      </div>
      {data !== undefined && passes.length === 0 ? <p>{say('history.none')}</p> : null}
      <ul className={css.history}>
        {passes.map((pass) => (
          <Row key={pass.id} pass={pass} zone={zone} differences={differences.get(pass.id)} />
        ))}
      </ul>
    </section>
  );
}

function Row(given: { pass: PassView; zone: string | null; differences: ReconciliationView | undefined }) {
  const { pass, zone, differences } = given;
  const { say, clock } = useWords();
  const isSettled = differences === undefined ? undefined : differences.open === 0;
  const state = doorState(pass, { shownForMs: 0, isSettled, isAside: false });
  const settlements = new Map(
    (differences?.lines ?? []).flatMap(({ settlement }) =>
      settlement === null ? [] : [[`${settlement.by} ${settlement.at} ${settlement.reason}`, settlement]],
    ),
  );
  return (
    <li className={css[`row-${state}`]}>
      <DoorShape state={state} className={css.rowShape} />
      <span className={css.rowWord}>
        <b>{say(state)}</b> {clock(Date.parse(pass.from), zone)}
      </span>
      <span className="figure">{countOf(pass, say)}</span>
      <span className={css.rowMore}>
        {state === 'check' || state === 'stop' ? <span>{say('history.open')}</span> : null}
        {[...settlements].map(([key, { by, at, reason }]) => (
          <span key={key}>{say('history.settled', { who: by, time: clock(Date.parse(at), zone), what: reason })}</span>
        ))}
      </span>
    </li>
  );
}
