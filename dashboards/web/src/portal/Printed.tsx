import { Link } from 'react-router';
import { packOf, unitText } from '../words/printed.ts';
import css from './Printed.module.css';

/** A serial or unit as it stands on the pack or label, with the way to its page. */
export function Printed({ epc, lot = null }: { epc: string; lot?: string | null }) {
  const pack = packOf(epc);
  return (
    <Link to={`/serials/${encodeURIComponent(epc)}`} className={css.printed ?? ''} title={epc}>
      {pack === null ? (
        <b className="figure">{unitText(epc)}</b>
      ) : (
        <>
          <span>
            SN <b className="figure">{pack.serial}</b>
          </span>
          <span className={css.printedMore}>
            GTIN <span className="figure">{pack.gtin}</span>
            {lot === null ? null : (
              <>
                {' '}
                LOT <span className="figure">{lot}</span>
              </>
            )}
          </span>
        </>
      )}
    </Link>
  );
}
