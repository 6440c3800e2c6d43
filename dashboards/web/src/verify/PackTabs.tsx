import { NavLink } from 'react-router';
import { say } from '../text/say.ts';
import css from './PackTabs.module.css';

const TABS = [
  {
    to: '/verify',
    get name() {
      return say('verify.verifyAPack');
    },
  },
  {
    to: '/returns',
    get name() {
      return say('return.title');
    },
  },
  {
    to: '/recall',
    get name() {
      return say('verify.recall');
    },
  },
] as const;

/** The two screens on single packs: one in the hand, all of a lot. */
export function PackTabs() {
  return (
    <nav className={css.packTabs} aria-label={say('verify.verifyAndRecall')}>
      {TABS.map(({ to, name }) => (
        <NavLink key={to} to={to} className={css.packTab ?? ''}>
          {name}
        </NavLink>
      ))}
    </nav>
  );
}
