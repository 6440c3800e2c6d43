import type { PassGoodsView } from '../../../api/index.ts';
import { unitText } from '../words/printed.ts';
import css from './dock.module.css';
import { useWords } from './language.tsx';

/** More than a person takes in at a glance from three metres. */
const LINES_SHOWN = 6;

type Line = PassGoodsView['lines'][number];

/** Expected against seen, by product, lot and unit, as the pallet is read. What is not complete stands first. */
export function Counts({ goods }: { goods: PassGoodsView }) {
  const { say } = useWords();
  const lines = goods.lines.toSorted((a, b) => Number(isComplete(a)) - Number(isComplete(b)));
  const more = lines.length - LINES_SHOWN + goods.more;
  if (lines.length === 0) return null;
  return (
    <section className={css.counts} aria-label={say('goods.title')}>
      <ul>
        {lines.slice(0, LINES_SHOWN).map((line) => (
          <CountsLine key={JSON.stringify([line.gtin, line.product, line.lot, line.unit])} line={line} />
        ))}
      </ul>
      {more > 0 ? <p>{say('goods.more', { count: more })}</p> : null}
    </section>
  );
}

function CountsLine({ line }: { line: Line }) {
  const { say } = useWords();
  const { gtin, product, lot, unit, expected, seen, unexpected } = line;
  const where = [
    ...(product === null && gtin !== '' ? [`GTIN ${gtin}`] : []),
    ...(lot === null ? [] : [say('lot', { lot })]),
    ...(unit === null ? [] : [say('unit', { unit: unitText(unit) })]),
  ];
  return (
    <li>
      <b>{product ?? say(expected === 0 ? 'group.unknown' : 'goods.unnamed')}</b>
      <span className={css.countsWhere}>{where.join(', ')}</span>
      <b className="figure">{expected === 0 ? null : say('count', { seen, expected })}</b>
      {unexpected === 0 ? null : <b className={css.countsMore}>{say('check.tooMany', { count: unexpected })}</b>}
      {expected === 0 ? null : (
        <svg className={css.countsBar} viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
          <rect width={(100 * seen) / expected} height="4" />
        </svg>
      )}
    </li>
  );
}

function isComplete({ expected, seen, unexpected }: Line): boolean {
  return seen === expected && unexpected === 0;
}
