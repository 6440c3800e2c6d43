import { Menu, VisuallyHidden } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { say } from '../text/say.ts';
import { offsetText, ownZone, zoneName } from '../words/when.ts';
import css from './Zone.module.css';

/** Whose clock times are read by: the site's that the screen is about, the person's own, or UTC. */
type Choice = 'site' | 'own' | 'utc';

const CHOICE = 'isotherm-zone';

interface ZoneContext {
  readonly zone: string;
  readonly site: string | null;
  readonly choice: Choice;
  readonly choose: (choice: Choice) => void;
  readonly setSite: (zone: string | null) => void;
}

const Zone = createContext<ZoneContext>({
  zone: ownZone(),
  site: null,
  choice: 'site',
  choose: () => {},
  setSite: () => {},
});

/** One zone for all times of a view: readings of one screen must not be told by two clocks. */
export function ZoneProvider({ children }: { children: ReactNode }) {
  const [choice, setChoice] = useState<Choice>(keptChoice);
  const [site, setSite] = useState<string | null>(null);
  const value = useMemo<ZoneContext>(() => {
    const zone = choice === 'utc' ? say('parts.utc') : choice === 'site' && site !== null ? site : ownZone();
    const choose = (chosen: Choice) => {
      setChoice(chosen);
      localStorage.setItem(CHOICE, chosen);
    };
    return { zone, site, choice, choose, setSite };
  }, [choice, site]);
  return <Zone value={value}>{children}</Zone>;
}

/** The zone of all times of this view, as IANA names it. */
export function useZone(): string {
  return useContext(Zone).zone;
}

/**
 * Says where a screen's goods are. What lies at one site is read by that site's clock; what lies at several, or nobody
 * knows where, by the person's own.
 *
 * @param zones of everything that the screen shows; null where one is not known
 */
export function useSiteZone(...zones: readonly (string | null | undefined)[]): void {
  const { setSite } = useContext(Zone);
  const known = [...new Set(zones.filter((zone) => zone != null))];
  const site = known.length === 1 ? (known[0] ?? null) : null;
  useEffect(() => {
    setSite(site);
    return () => setSite(null);
  }, [setSite, site]);
}

/** Names the zone of the view, and lets one choose another. */
export function ZoneSwitch() {
  const { zone, site, choice, choose } = useContext(Zone);
  const choices: readonly { value: Choice; name: string }[] = [
    {
      value: 'site',
      name: site === null ? say('parts.theSiteSWhereIt') : say('parts.theSiteS', { site: zoneName(site) }),
    },
    { value: 'own', name: say('parts.yours', { zoneName: zoneName(ownZone()) }) },
    { value: 'utc', name: say('parts.utc') },
  ];
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <button type="button" className={css.zone}>
          <VisuallyHidden>{say('parts.timesAreIn')}</VisuallyHidden>
          <IconClock size={14} stroke={1.7} aria-hidden="true" />
          {zoneName(zone)}
          {zone === 'UTC' ? null : <span className="muted">{offsetText(zone)}</span>}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{say('parts.timesByTheClockOf')}</Menu.Label>
        {choices.map(({ value, name }) => (
          <Menu.Item key={value} onClick={() => choose(value)} aria-current={choice === value}>
            {name}
            {choice === value ? ' ✓' : ''}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function keptChoice(): Choice {
  const kept = localStorage.getItem(CHOICE);
  return kept === 'own' || kept === 'utc' ? kept : 'site';
}
