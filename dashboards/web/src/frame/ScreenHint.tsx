import { Button } from '@mantine/core';
import { IconBulb } from '@tabler/icons-react';
import { useState } from 'react';
import { matchPath, useLocation } from 'react-router';
import { useHintsSeen, usePutHintAway } from '../parts/PageSettings.tsx';
import { say } from '../text/say.ts';
import { helpOf } from './help-of-screens.ts';
import css from './ScreenHint.module.css';

/** Screens that are explained to who sees them first: the first pattern that fits. */
const HINTS = [
  { path: '/shipments/~new', name: 'announce' },
  { path: '/shipments', name: 'shipments' },
  { path: '/shipments/:id', name: 'shipment' },
  { path: '/lanes', name: 'lanes' },
  { path: '/alerts', name: 'alerts' },
  { path: '/alerts/:id', name: 'alert' },
  { path: '/cases', name: 'cases' },
  { path: '/cases/:id', name: 'case' },
  { path: '/portals', name: 'portals' },
  { path: '/portals/:id', name: 'portal' },
  { path: '/devices', name: 'devices' },
  { path: '/rules', name: 'rules' },
  { path: '/verify', name: 'verify' },
  { path: '/returns', name: 'returns' },
  { path: '/recall', name: 'recall' },
] as const;

/**
 * What a screen is for, for whoever sees it the first time: one line that opens in place, and is put away for good, for this
 * person, everywhere.
 */
export function ScreenHint() {
  const { pathname } = useLocation();
  const seen = useHintsSeen();
  const hint = HINTS.find(({ path }) => matchPath(path, pathname) !== null);
  if (hint === undefined || seen === null || seen.includes(hint.name)) return null;
  return <Hint key={hint.name} name={hint.name} help={helpOf(pathname)} />;
}

function Hint({ name, help }: { name: (typeof HINTS)[number]['name']; help: string }) {
  const putAway = usePutHintAway();
  const [isOpen, setOpen] = useState(false);
  return (
    <aside className={css.hint} aria-label={say('hint.label')}>
      <div className={css.line}>
        <IconBulb size={16} stroke={1.6} aria-hidden="true" />
        <button
          type="button"
          className="quiet-button"
          aria-expanded={isOpen}
          aria-controls="screen-hint"
          onClick={() => setOpen(!isOpen)}
        >
          {say('hint.explain')}
        </button>
      </div>
      <div id="screen-hint" hidden={!isOpen} className={css.body}>
        <p>{say(`hint.${name}`)}</p>
        <div className="buttons">
          <Button size="xs" loading={putAway.isPending} onClick={() => putAway.mutate(name)}>
            {say('hint.putAway')}
          </Button>
          <a href={help} target="_blank" rel="noreferrer">
            {say('hint.more')}
          </a>
        </div>
      </div>
    </aside>
  );
}
