import { goodsTexts } from '../../../../domain/index.ts';
import type { PassDetail, PassView } from '../../../api/index.ts';
import { DoorShape } from '../parts/DoorShape.tsx';
import { packOf, unitText } from '../words/printed.ts';
import { reasonText } from '../words/said.ts';
import css from './dock.module.css';
import type { DoorState } from './door-state.ts';
import { type GoodsGroup, goodsGroups } from './goods-groups.ts';
import { useWords, type Words } from './language.tsx';

/** What stands at the door now, readable from three metres. */
export function Verdict({ state, pass, isLate }: { state: DoorState; pass: PassView | null; isLate: boolean }) {
  const { say, language } = useWords();
  const shown = state === 'ready' ? null : pass;
  return (
    <section className={`${css.verdict} ${css[state]}`} aria-live="assertive" data-state={state} lang={language}>
      <DoorShape state={state} className={css.verdictShape} />
      <div className={css.verdictWords}>
        <p className={css.word}>{say(state)}</p>
        <p className={css.sentence}>{sentenceOf(state, pass, isLate, say)}</p>
      </div>
      {shown === null ? null : (
        <p className={css.count}>
          <b className="figure">{countOf(shown, say)}</b>
          <span>{say('count.read')}</span>
        </p>
      )}
    </section>
  );
}

/** How many of what was expected are here; where nothing was announced, how many were read. */
export function countOf({ counts: { expected, missing, seen } }: PassView, say: Words['say']): string {
  return expected === 0 ? String(seen) : say('count', { seen: expected - missing, expected });
}

function sentenceOf(state: DoorState, pass: PassView | null, isLate: boolean, say: Words['say']): string {
  if (state === 'ready' || pass === null) return say('ready.hint');
  const { counts } = pass;
  switch (state) {
    case 'reading':
      return say(isLate ? 'reading.late' : 'reading.hint');
    case 'pass':
      return counts.expected === 0 ? say('pass.none') : say('pass.all', { count: counts.expected });
    case 'settled':
      return say('settled.hint');
    case 'stop':
      return say('stop.hint');
    case 'check': {
      const parts = [
        ...(counts.missing > 0 ? [say('check.missing', { count: counts.missing })] : []),
        ...(counts.unexpected > 0 ? [say('check.tooMany', { count: counts.unexpected })] : []),
      ];
      return parts.length === 0 ? say('check.look') : parts.join(', ');
    }
  }
}

const GROUPS_SHOWN = 6;
const SERIALS_SHOWN = 4;

/** What is missing and what is too many, by product and unit, each with what to do. */
export function Goods({ pass, zone }: { pass: PassDetail; zone: string | null }) {
  const { say, language } = useWords();
  const stopped = stoppedIn(pass, zone, language);
  return (
    <div className={css.goods}>
      <GoodsList title={say('stop')} what={say('blocked.do')} groups={goodsGroups(stopped)} />
      <GoodsList title={say('missing')} what={say('missing.do')} groups={goodsGroups(pass.missing.map(named))} />
      <GoodsList title={say('tooMany')} what={say('tooMany.do')} groups={goodsGroups(pass.unexpected)} />
    </div>
  );
}

/** What is expected was announced, also where nobody said what it is called: its GTIN stands for it. */
function named(item: PassDetail['missing'][number]): PassDetail['missing'][number] {
  const pack = packOf(item.epc);
  return item.product !== null || pack === null ? item : { ...item, product: `GTIN ${pack.gtin}` };
}

/** Goods that may not move on, with the reason in the place of the product. */
function stoppedIn(
  { clearance, blocked }: PassDetail,
  zone: string | null,
  language: Words['language'],
): PassDetail['missing'] {
  const of = (epc: string, why: string) => ({
    ...{ epc, unit: null, shipment: null, lot: null, product: why, reason: why },
  });
  if (clearance === null) return blocked.map(({ epc, status }) => of(epc, status));
  return clearance.findings
    .filter(({ stops }) => stops)
    .flatMap(({ epcs, ...why }) => epcs.map((epc) => of(epc, reasonText(why, zone, goodsTexts(language)))));
}

function GoodsList({ title, what, groups }: { title: string; what: string; groups: readonly GoodsGroup[] }) {
  const { say } = useWords();
  if (groups.length === 0) return null;
  const rest = groups.slice(GROUPS_SHOWN);
  return (
    <section className={css.goodsList} aria-label={title}>
      <h2>{title}</h2>
      <p>{what}</p>
      <ul>
        {groups.slice(0, GROUPS_SHOWN).map((group) => (
          <li key={JSON.stringify([group.product, group.lot, group.unit])}>
            <b>{say('group', { count: group.epcs.length, product: group.product ?? say('group.unknown') })}</b>
            <span>{whereOf(group, say)}</span>
            <span className={css.serials}>{serialsOf(group)}</span>
          </li>
        ))}
      </ul>
      {rest.length === 0 ? null : <p>+ {rest.reduce((sum, { epcs }) => sum + epcs.length, 0)}</p>}
    </section>
  );
}

function whereOf({ product, lot, unit, epcs }: GoodsGroup, say: Words['say']): string {
  const pack = packOf(epcs[0] ?? '');
  const parts = [
    ...(product === null && pack != null ? [`GTIN ${pack.gtin}`] : []),
    ...(lot === null ? [] : [say('lot', { lot })]),
    ...(unit === null ? [] : [say('unit', { unit: unitText(unit) })]),
  ];
  return parts.join(', ');
}

function serialsOf({ epcs }: GoodsGroup): string {
  const shown = epcs.slice(0, SERIALS_SHOWN).map(printed).join(', ');
  return epcs.length > SERIALS_SHOWN ? `${shown} + ${epcs.length - SERIALS_SHOWN}` : shown;
}

/** A serial as its pack prints it, a unit as its label does. */
export function printed(epc: string): string {
  return packOf(epc)?.serial ?? unitText(epc);
}
