import { Menu, VisuallyHidden } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import type { Clock } from '../../../../domain/index.ts';
import { say } from '../text/say.ts';
import { offsetText, ownZone, zoneName } from '../words/when.ts';
import { usePageSettings, useSetPageSettings } from './PageSettings.tsx';
import css from './Zone.module.css';

interface ZoneContext {
  readonly zone: string;
  /** The person's own: what they have set, or the browser's. */
  readonly own: string;
  readonly site: string | null;
  readonly setSite: (zone: string | null) => void;
}

const Zone = createContext<ZoneContext>({
  zone: ownZone(),
  own: ownZone(),
  site: null,
  setSite: () => {},
});

/** One zone for all times of a view: readings of one screen must not be told by two clocks. */
export function ZoneProvider({ children }: { children: ReactNode }) {
  const { clock, zone: chosen } = usePageSettings();
  const [site, setSite] = useState<string | null>(null);
  const value = useMemo<ZoneContext>(() => {
    const own = isKnown(chosen) ? chosen : ownZone();
    const zone = clock === 'utc' ? 'UTC' : clock === 'site' && site !== null ? site : own;
    return { zone, own, site, setSite };
  }, [clock, chosen, site]);
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
  const { zone, own, site } = useContext(Zone);
  const { clock } = usePageSettings();
  const set = useSetPageSettings();
  const choices: readonly { value: Clock; name: string }[] = [
    {
      value: 'site',
      name: site === null ? say('parts.theSiteSWhereIt') : say('parts.theSiteS', { site: zoneName(site) }),
    },
    { value: 'own', name: say('parts.yours', { zoneName: zoneName(own) }) },
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
          <Menu.Item key={value} onClick={() => set.mutate({ clock: value })} aria-current={clock === value}>
            {name}
            {clock === value ? ' ✓' : ''}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** A zone that was set on another computer may be one that this browser does not know. */
function isKnown(zone: string | null): zone is string {
  if (zone === null) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch (error) {
    console.warn('this browser does not know the zone that was set', zone, error);
    return false;
  }
}
