import {
  type ClearanceFinding,
  type DoorLight,
  type DoorTextKey,
  decide,
  doorText,
  goodsTexts,
  type ManifestDoor,
  type MessageLanguage,
  type Pass,
  type PassOutcome,
  type ReadGap,
  sayVerdict,
  type TextValues,
} from '../domain/index.ts';
import type { DoorFacts } from './door-facts.ts';
import type { DoorFound } from './door-rules.ts';

/** How far what a manifest says may still be believed. */
export type ManifestAge =
  | { readonly is: 'fresh' }
  | { readonly is: 'old'; readonly ms: number }
  /** The clock went back, so nobody knows how old it is. */
  | { readonly is: 'unknown' };

export interface PassAtDoor {
  readonly door: ManifestDoor;
  readonly pass: Pass;
  /** Other passes at the gateway's doors around it. */
  readonly neighbours: readonly Pass[];
  /** Its readers have said that they told everything up to the pass's end. */
  readonly isComplete: boolean;
  /** Readers of the door that another gateway serves. */
  readonly foreignReaders: readonly string[];
  readonly gaps: readonly ReadGap[];
  /** More was read than the gateway keeps: what it knows of the pass is not all. */
  readonly isCut: boolean;
}

export interface OfflineJudgement {
  readonly light: DoorLight;
  /** For a person. */
  readonly reason: string;
  readonly outcome: PassOutcome;
  /** What rules over passes will find of it, as far as they are told. */
  readonly found: readonly DoorFound[];
}

/**
 * What the light shows of a pass while the platform is away (docs/gateway.md). The verdict and what clears goods are the
 * platform's own functions on what it knew when it made the manifest. Red: something may not move on, or a unit that was
 * announced is short. Green: everything was announced, and is complete. Amber with its reason: all else, since the platform
 * may have heard of it after the cut. What a critical rule finds is amber where all else is green: its alert cannot be seen
 * now. Pure.
 *
 * @param now by the platform's clock, epoch ms UTC
 */
export function judgeOffline(
  facts: DoorFacts,
  at: PassAtDoor,
  age: ManifestAge,
  now: number,
  language: MessageLanguage = 'en',
): OfflineJudgement {
  const { version, completeUntil, left } = facts.manifest;
  const isComplete = at.isComplete && at.foreignReaders.length === 0 && !at.isCut;
  const evidence = facts.evidence(at.door, at.pass, { ...at, isComplete });
  const outcome = decide(evidence);
  const found = facts.found(at.door, evidence, outcome);
  const say = (key: DoorTextKey, values: TextValues = {}) => doorText(language, key, values);
  const { counts } = outcome.verdict;
  const reason = sayVerdict(outcome, evidence, say);
  const said = (light: DoorLight, why: string): OfflineJudgement => {
    if (found.length === 0) return { light, reason: why, outcome, found };
    const rules = found.map(({ rule, severity, epcs }) => say('door.rule', { rule, severity, goods: epcs.length }));
    const isToBeSeen = light === 'green' && found.some(({ severity }) => severity === 'critical');
    const reason = say('door.rules', { said: why, rules: rules.join(', ') });
    return { light: isToBeSeen ? 'amber' : light, reason, outcome, found };
  };

  const stop = facts.clearance(outcome.through, now).find(({ stops }) => stops);
  if (stop !== undefined || outcome.verdict.blocked !== undefined) {
    return said(
      'red',
      say('door.stopped', { reason: stop === undefined ? reason : sayStop(stop, facts, now, language), version }),
    );
  }
  if (age.is === 'unknown') return said('amber', say('door.clock', { version }));
  if (age.is === 'old') return said('amber', say('door.old', { version, age: lengthOf(age.ms) }));
  if (at.isCut) return said('amber', say('door.many', { version }));
  if (counts.missing > 0 && isComplete) return said('red', say('door.missing', { reason, version }));

  const until = new Date(completeUntil).toISOString().slice(11, 16);
  const leftOut = left === null ? '' : say('door.left', { shipments: left.shipments });
  if (counts.unexpected > 0) {
    return said('amber', say('door.unannounced', { count: counts.unexpected, until, version, left: leftOut }));
  }
  const isAnnounced = outcome.reads.some(({ status }) => status === 'expected');
  if (!isAnnounced) return said('amber', say('door.nothing', { until, version, left: leftOut }));
  if (at.foreignReaders.length > 0) {
    const readers = at.foreignReaders.join(', ');
    return said('amber', say('door.shared', { reason, readers, version }));
  }
  if (isComplete || isWholeAlready(outcome)) return said('green', say('door.complete', { reason, version }));
  return said('amber', say('door.soFar', { reason, version }));
}

function sayStop(
  { finding, reason, words, epcs }: ClearanceFinding,
  facts: DoorFacts,
  now: number,
  language: MessageLanguage,
): string {
  const [first] = epcs;
  const expiry = finding === 'expired' && first !== undefined ? facts.pastExpiry(first, now) : null;
  if (expiry !== null) return doorText(language, 'door.expired', { expiry });
  // A platform of another version tells the English sentence alone.
  return (
    goodsTexts(language).reason(words) ??
    doorText(language, 'door.stop', { finding: finding.replaceAll(' ', '_'), reason })
  );
}

/** Every serial of every unit was read, and nothing that stands by itself: no read to come is waited for. */
function isWholeAlready({ units, reads, verdict }: PassOutcome): boolean {
  const inUnits = units.reduce((sum, { seen }) => sum + seen, 0);
  const serials = reads.filter(({ status }) => status === 'expected').length;
  const own = units.filter(({ inferredFrom }) => inferredFrom === 'its own tag').length;
  const isWhole = units.every(({ shipment, serials: all, seen }) => shipment !== null && all > 0 && seen === all);
  return units.length > 0 && isWhole && verdict.counts.missing === 0 && serials === inUnits + own;
}

function lengthOf(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
