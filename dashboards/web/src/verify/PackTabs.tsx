import { NavLink } from 'react-router';
import css from './PackTabs.module.css';

const TABS = [
  { to: '/verify', name: 'Verify a pack' },
  { to: '/recall', name: 'Recall' },
] as const;

/** The two screens on single packs: one in the hand, all of a lot. */
export function PackTabs() {
  return (
    <nav className={css.packTabs} aria-label="Verify and recall">
      {TABS.map(({ to, name }) => (
        <NavLink key={to} to={to} className={css.packTab ?? ''}>
          {name}
        </NavLink>
      ))}
    </nav>
  );
}
