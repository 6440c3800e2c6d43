import type { ReactNode } from 'react';
import { NavLink } from 'react-router';
import type { Permission } from '../../../../domain/index.ts';
import { Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { useMay } from '../queries.ts';
import { say, type TextKey } from '../text/say.ts';
import css from './admin.module.css';
import { ADMIN_SCREENS } from './admin-screens.ts';

interface AdminPageProps {
  /** Names it in the tab and above it. */
  readonly text: TextKey;
  readonly permission: Permission;
  readonly children: ReactNode;
}

/** A screen of administration with its siblings above it; who may not see it is told who may. */
export function AdminPage({ text, permission, children }: AdminPageProps) {
  useTitle(say(text));
  const isAllowed = useMay(permission);
  if (!isAllowed) {
    return (
      <Nothing level="h1" title={say('admin.refused')}>
        {say('admin.refused.hint')}
      </Nothing>
    );
  }
  return (
    <>
      <nav className={css.tabs} aria-label={say('admin.menu')}>
        {ADMIN_SCREENS.map((screen) => (
          <Tab key={screen.to} {...screen} />
        ))}
      </nav>
      <h1>{say(text)}</h1>
      {children}
    </>
  );
}

function Tab({ to, text, permission }: (typeof ADMIN_SCREENS)[number]) {
  if (!useMay(permission)) return null;
  return (
    <NavLink to={to} className={css.tab ?? ''}>
      {say(text)}
    </NavLink>
  );
}
