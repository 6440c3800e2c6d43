import { say } from '../text/say.ts';

/** In the order in which they are told apart: each names itself with the names of those it is made of. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera\b|\bOPT\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Headless)?Chrom(?:e|ium)\/|\bCriOS\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\bAndroid\b/, 'Android'],
  [/\biPad\b/, 'iPad'],
  [/\biPhone\b|\biPod\b/, 'iPhone'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b|\bMacintosh\b/, 'Mac'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

/** What a browser says of itself, as people call it: both, one of them, or neither. */
export function browserName(agent: string): { readonly browser: string | null; readonly system: string | null } {
  const among = (names: typeof BROWSERS) => names.find(([pattern]) => pattern.test(agent))?.[1] ?? null;
  return { browser: among(BROWSERS), system: among(SYSTEMS) };
}

/** `Firefox on Android`; null where it says nothing that people would know. */
export function browserText(agent: string): string | null {
  const { browser, system } = browserName(agent);
  return browser !== null && system !== null ? say('push.on', { browser, system }) : (browser ?? system);
}
