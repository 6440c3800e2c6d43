import { IconChevronRight, IconDoor } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useLive } from '../live/Live.tsx';
import { useNow } from '../live/useNow.ts';
import { DoorShape } from '../parts/DoorShape.tsx';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { When } from '../parts/When.tsx';
import { useSiteZone } from '../parts/Zone.tsx';
import { usePortals } from '../queries.ts';
import { useMay, useSeesAll } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { ANSWER_SHAPES, ANSWER_STATES, ANSWER_WORDS, answerOf, verdictText } from '../words/pass.ts';
import css from './Portals.module.css';

/** Choose a door: targets large enough for gloves, each with how its last pass went. */
export function Portals() {
  useTitle(say('portal.portals'));
  useLive('fleet');
  const now = useNow();
  const seesAll = useSeesAll();
  const mayRegister = useMay('place.register');
  const { data: portals, error, isPending, refetch } = usePortals();
  useSiteZone(...(portals ?? []).map(({ site }) => site.zone));
  if (isPending) return <Loading rows={4} height={110} />;
  if (portals === undefined)
    return (
      <Failed isScreen error={error ?? new Error('')} what={say('portal.portals')} onRetry={() => void refetch()} />
    );
  return (
    <>
      <div className="head">
        <h1>{say('portal.portals')}</h1>
      </div>
      {portals.length === 0 ? (
        <Nothing
          title={seesAll ? say('portal.noPortalsYet') : say('portal.noPortalsAtYourSites')}
          icon={<IconDoor size={32} stroke={1.4} />}
          action={mayRegister ? <Link to="/admin/portals">{say('doors.add')}</Link> : null}
        >
          {say('portal.anAdministratorSetsThemUp')}
        </Nothing>
      ) : (
        <ul className={css.portalList}>
          {portals.map((portal) => {
            const { lastPass } = portal;
            return (
              <li key={portal.id}>
                <Link to={`/portals/${encodeURIComponent(portal.id)}`} className={`panel ${css.portalCard}`}>
                  <span className={css.portalCardWhat}>
                    <b>{portal.name}</b>
                    <span className="muted">
                      {say('portal.to', {
                        name: portal.site.name,
                        name2: portal.outside.name,
                        name3: portal.inside.name,
                      })}
                    </span>
                    {lastPass === null ? (
                      <span className="muted">{say('portal.noPassYet')}</span>
                    ) : (
                      <span className={`${css.portalCardLast} ink-${ANSWER_STATES[answerOf(lastPass)]}`}>
                        <DoorShape state={ANSWER_SHAPES[answerOf(lastPass)]} className={css.cardShape} />
                        <b>{ANSWER_WORDS[answerOf(lastPass)]}</b> {verdictText(lastPass)}
                        <span className="muted">
                          <When at={lastPass.to} now={now} />
                        </span>
                      </span>
                    )}
                  </span>
                  <IconChevronRight size={26} stroke={1.5} aria-hidden="true" />
                </Link>
              </li>
            );
          })}
        </ul>
      )}
    </>
  );
}
