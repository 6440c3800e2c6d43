import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import type { TextValues } from '../../../../domain/index.ts';
import { DOCK_LANGUAGES, type DockLanguage, type DockText } from '../text/dock/index.ts';

/** Kept with the screen, not with a person: who comes to the door finds it as it was. */
const KEPT = 'isotherm-dock-language';

export interface Words {
  readonly language: DockLanguage;
  readonly say: (key: DockText, values?: TextValues) => string;
  /** `14:05` on the clock of the site. */
  readonly clock: (at: number, zone: string | null) => string;
  readonly choose: (language: DockLanguage) => void;
}

const Language = createContext<Words | null>(null);

/** The language of a door's screen: chosen there, first the browser's own. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<DockLanguage>(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
    return () => {
      document.documentElement.lang = 'en';
    };
  }, [language]);
  const value = useMemo((): Words => {
    const { texts, locale } = DOCK_LANGUAGES[language];
    return {
      language,
      say: (key, values) => texts.say(key, values),
      clock: (at, zone) => new Intl.DateTimeFormat(locale, clockOptions(zone)).format(at),
      choose: (chosen) => {
        setLanguage(chosen);
        localStorage.setItem(KEPT, chosen);
      },
    };
  }, [language]);
  return <Language value={value}>{children}</Language>;
}

export function useWords(): Words {
  const words = useContext(Language);
  if (words === null) throw new Error('a screen of a door stands in a LanguageProvider');
  return words;
}

function clockOptions(zone: string | null): Intl.DateTimeFormatOptions {
  return { hour: '2-digit', minute: '2-digit', hour12: false, ...(zone !== null && { timeZone: zone }) };
}

function firstLanguage(): DockLanguage {
  const wanted = [localStorage.getItem(KEPT), ...navigator.languages.map((one) => one.slice(0, 2))];
  return wanted.find((one): one is DockLanguage => one !== null && Object.hasOwn(DOCK_LANGUAGES, one)) ?? 'en';
}
