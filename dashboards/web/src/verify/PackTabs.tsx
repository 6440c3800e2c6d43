import { NavLink } from 'react-router';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { useDecommissioningChoices } from './decommission-queries.ts';
import css from './PackTabs.module.css';

const TABS = [
  { to: '/verify', text: 'verify.verifyAPack' },
  { to: '/returns', text: 'return.title' },
  { to: '/recall', text: 'verify.recall' },
] as const;

/** The screens on packs: one in the hand, one that came back, all of a lot; where a market asks for it, those that leave it. */
export function PackTabs() {
  const may = useMay('pack.decommission');
  const { data } = useDecommissioningChoices(may);
  const tabs = data?.isSet === true ? [...TABS, { to: '/decommission', text: 'decommission.title' } as const] : TABS;
  return (
    <nav className={css.packTabs} aria-label={say('verify.verifyAndRecall')}>
      {tabs.map(({ to, text }) => (
        <NavLink key={to} to={to} className={css.packTab ?? ''}>
          {say(text)}
        </NavLink>
      ))}
    </nav>
  );
}
