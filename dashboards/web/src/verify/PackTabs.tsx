import { NavLink } from 'react-router';
import { say } from '../text/say.ts';
import css from './PackTabs.module.css';

const TABS = [
  { to: '/verify', text: 'verify.verifyAPack' },
  { to: '/returns', text: 'return.title' },
  { to: '/recall', text: 'verify.recall' },
] as const;

/** The screens on packs: one in the hand, one that came back, all of a lot. */
export function PackTabs() {
  return (
    <nav className={css.packTabs} aria-label={say('verify.verifyAndRecall')}>
      {TABS.map(({ to, text }) => (
        <NavLink key={to} to={to} className={css.packTab ?? ''}>
          {say(text)}
        </NavLink>
      ))}
    </nav>
  );
}
