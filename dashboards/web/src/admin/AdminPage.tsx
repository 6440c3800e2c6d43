import type { ReactNode } from 'react';
import { NavLink, useLocation } from 'react-router';
import type { Permission } from '../../../../domain/index.ts';
import { Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { useMay, useSession } from '../sign-in/session-queries.ts';
import { say, type TextKey } from '../text/say.ts';
import css from './admin.module.css';
import { ADMIN_GROUPS, ADMIN_SCREENS, NOT_OF_A_PHARMACY } from './admin-screens.ts';

interface AdminPageProps {
  /** Names it in the tab and above it. */
  readonly text: TextKey;
  readonly permission: Permission;
  /** Of one thing of many, instead of what they are; absent: it is not known yet, or it is the list. */
  readonly title?: string | undefined;
  readonly children: ReactNode;
}

/** A screen of administration with its siblings beside it; who may not see it is told who may. */
export function AdminPage({ text, permission, title = say(text), children }: AdminPageProps) {
  useTitle(title);
  const isAllowed = useMay(permission);
  if (!isAllowed) {
    return (
      <Nothing level="h1" title={say('admin.refused')}>
        {say('admin.refused.hint')}
      </Nothing>
    );
  }
  return (
    <div className={css.admin}>
      <Siblings />
      <div className={css.screen}>
        <h1>{title}</h1>
        {children}
      </div>
    </div>
  );
}

/** A list beside the screen; on a narrow one a line that opens. */
function Siblings() {
  const { pathname } = useLocation();
  const here = ADMIN_SCREENS.find(({ to }) => pathname === to || pathname.startsWith(`${to}/`));
  return (
    <>
      <details className={css.siblingsNarrow} key={pathname}>
        <summary>
          {say('admin.menu')}
          {here === undefined ? null : <b>{say(here.text)}</b>}
        </summary>
        <SiblingList />
      </details>
      <div className={css.siblingsWide}>
        <SiblingList />
      </div>
    </>
  );
}

function SiblingList() {
  const { data: session } = useSession();
  const isPharmacy = session?.setUpFor === 'pharmacy';
  const mine = ADMIN_SCREENS.filter(
    ({ to, permission }) =>
      session?.user.permissions.includes(permission) && !(isPharmacy && NOT_OF_A_PHARMACY.has(to)),
  );
  return (
    <nav className={css.siblings} aria-label={say('admin.menu')}>
      {ADMIN_GROUPS.map((group) => {
        const screens = mine.filter((screen) => screen.group === group);
        if (screens.length === 0) return null;
        return (
          <div key={group}>
            <span className={css.siblingGroup}>{say(`admin.group.${group}`)}</span>
            {screens.map(({ to, text }) => (
              <NavLink key={to} to={to} className={css.sibling ?? ''}>
                {say(text)}
              </NavLink>
            ))}
          </div>
        );
      })}
    </nav>
  );
}
