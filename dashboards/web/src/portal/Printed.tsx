import { Link } from 'react-router';
import { Say } from '../text/Say.tsx';
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
            <Say text="portal.sn" values={{ b: <b className="figure">{pack.serial}</b> }} />
          </span>
          <span className={css.printedMore}>
            <Say
              text="portal.gtin"
              values={{
                span: <span className="figure">{pack.gtin}</span>,
                detail:
                  lot === null ? null : (
                    <Say text="portal.lot" values={{ span: <span className="figure">{lot}</span> }} />
                  ),
              }}
            />
          </span>
        </>
      )}
    </Link>
  );
}
