import { NavLink } from 'react-router';

const TABS = [
  { to: '/verify', name: 'Verify a pack' },
  { to: '/recall', name: 'Recall' },
] as const;

/** The two screens on single packs: one in the hand, all of a lot. */
export function PackTabs() {
  return (
    <nav className="pack-tabs" aria-label="Packs">
      {TABS.map(({ to, name }) => (
        <NavLink key={to} to={to} className="pack-tab">
          {name}
        </NavLink>
      ))}
    </nav>
  );
}
