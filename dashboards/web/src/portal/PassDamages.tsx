import { useQuery } from '@tanstack/react-query';
import type { CaseDamagesView, PassDamagesView } from '../../../api/index.ts';
import { ask, segment } from '../ask.ts';
import { TellPartner } from '../exception/TellPartner.tsx';
import { WhenExact } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import { packOf, unitText } from '../words/printed.ts';
import css from './PassDamages.module.css';

type Damage = CaseDamagesView['items'][number];

/** What people at the door said to be damaged, with their photos; nothing where nobody said so. */
export function PassDamages({ pass }: { pass: string }) {
  const { data } = useQuery({
    queryKey: ['reconciliation', 'damages', pass],
    queryFn: ({ signal }) => ask<PassDamagesView>(`/passes/${segment(pass)}/damages`, {}, signal),
  });
  const damages = data?.items ?? [];
  if (damages.length === 0) return null;
  return (
    <>
      <Damages damages={damages.map((one) => ({ ...one, pass }))} />
      <TellPartner of={{ pass }} name={say('portal.damages')} />
    </>
  );
}

/** The same of the goods of a case, at whichever doors it was said. */
export function CaseDamages({ id }: { id: string }) {
  const { data } = useQuery({
    queryKey: ['reconciliation', 'case-damages', id],
    queryFn: ({ signal }) => ask<CaseDamagesView>(`/cases/${segment(id)}/damages`, {}, signal),
  });
  return <Damages damages={data?.items ?? []} />;
}

function Damages({ damages }: { damages: readonly Damage[] }) {
  if (damages.length === 0) return null;
  return (
    <section className="section-open" aria-labelledby="damages">
      <h2 id="damages">{say('portal.damages')}</h2>
      <ul className={css.damages}>
        {damages.map(({ pass, epcs, note, photos, by, at }) => (
          <li key={`${pass} ${by} ${at} ${epcs.join()}`}>
            <p>
              <b>{epcs.map((epc) => packOf(epc)?.serial ?? unitText(epc)).join(', ')}</b> {note ?? ''}
              <span className="muted">
                {' '}
                {by}, <WhenExact at={at} />
              </span>
            </p>
            {photos.map((sha256, index) => {
              const address = `/api/v1/passes/${segment(pass)}/photos/${sha256}`;
              return (
                <a key={sha256} href={address} target="_blank" rel="noreferrer">
                  <img src={address} alt={say('portal.damagePhoto', { number: index + 1 })} loading="lazy" />
                </a>
              );
            })}
          </li>
        ))}
      </ul>
    </section>
  );
}
