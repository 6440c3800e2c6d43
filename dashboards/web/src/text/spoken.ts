import { useEffect, useState } from 'react';
import { PAGE_LANGUAGES, type PageLanguage } from '../../../../domain/index.ts';
import { language, speak } from './say.ts';

/** Loads the texts of a language; the one before stays until they are there. @returns the one that is spoken */
export function useSpoken(wanted: PageLanguage): string | null {
  const [spoken, setSpoken] = useState<string | null>(language() === wanted ? wanted : null);
  useEffect(() => {
    let isHere = true;
    void speak(wanted).then(() => {
      if (isHere) setSpoken(wanted);
    });
    return () => {
      isHere = false;
    };
  }, [wanted]);
  return spoken;
}

/** The first that the browser asks for and the page has. */
export function browserLanguage(): PageLanguage {
  const asked = navigator.languages.map((one) => one.slice(0, 2));
  return asked.flatMap((one) => PAGE_LANGUAGES.filter((language) => language === one))[0] ?? 'en';
}
