import { useState } from 'react';
import type { TemperatureScale } from '../../../../domain/index.ts';
import { ownZone } from '../words/when.ts';

/** Kept on the device: who opens a link has no account. */
const KEPT = 'isotherm-shared-temperature';
const ELSEWHERE = /^(Africa|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian)\//;

/** The unit in which a customer reads temperatures: chosen on this device, first as the region of the browser's language has it. */
export function useOwnScale(): readonly [TemperatureScale, (scale: TemperatureScale) => void] {
  const [scale, setScale] = useState<TemperatureScale>(() => keptScale() ?? scaleOf(navigator.languages, ownZone()));
  const choose = (chosen: TemperatureScale) => {
    setScale(chosen);
    try {
      localStorage.setItem(KEPT, chosen);
    } catch (error) {
      // A browser that keeps nothing: it holds for this page.
      console.warn('the unit of temperatures was not kept', error);
    }
  };
  return [scale, choose];
}

/**
 * °F where the language that is asked for first is that of the United States, as `en-US` or `es-US`; else °C. Many set up a
 * browser in English without being there: where its clock is one of another part of the world it is °C.
 *
 * @param languages BCP 47, as the browser asks for them, the dearest first
 * @param zone of the browser's clock, as IANA names it
 */
export function scaleOf(languages: readonly string[], zone: string): TemperatureScale {
  const isAmerican = /^[a-z]{2,3}(-[a-z]{4})?-us\b/i.test(languages[0] ?? '');
  return isAmerican && !ELSEWHERE.test(zone) ? 'F' : 'C';
}

function keptScale(): TemperatureScale | null {
  try {
    const kept = localStorage.getItem(KEPT);
    return kept === 'C' || kept === 'F' ? kept : null;
  } catch {
    return null;
  }
}
