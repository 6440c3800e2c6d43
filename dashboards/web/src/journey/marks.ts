import type { ShipmentJourneyView } from '../../../api/index.ts';
import { segment } from '../ask.ts';
import { decidedText } from '../case/case-words.ts';
import { say } from '../text/say.ts';
import { summaryText } from '../words/alert.ts';
import { messageText, passText } from './journey-words.ts';

/** A moment of the journey that somebody may want to open. */
export interface Mark {
  readonly key: string;
  /** Epoch ms. */
  readonly at: number;
  readonly kind: 'pass' | 'alert' | 'decision' | 'message' | 'act';
  readonly isTrouble: boolean;
  readonly text: string;
  /** What it is about, for the table; null: the shipment. */
  readonly about: string | null;
  /** Screen that tells more; null: none does. */
  readonly href: string | null;
}

/** Kinds of alerts that are drawn as stretches. */
const DRAWN = new Set(['threshold', 'silence']);

/** Doors, alerts that are no stretch, decisions, messages, and what people did about alerts; by time. */
export function marksOf(journey: ShipmentJourneyView): Mark[] {
  const { passes, alerts, decisions, messages } = journey;
  const alertPath = (id: string) => `/alerts/${segment(id)}`;
  const standing = alerts.filter(({ state }) => state !== 'retracted');
  const summaries = new Map(alerts.map(({ id, summary }) => [id, summary]));
  return [
    ...passes.map((pass): Mark => {
      const href = `/portals/${segment(pass.portal)}?pass=${segment(pass.id)}`;
      const isTrouble = pass.verdict === 'check';
      return {
        ...{ key: pass.id, at: Date.parse(pass.from), kind: 'pass', isTrouble, href },
        text: passText(pass),
        about: null,
      };
    }),
    ...standing
      .filter(({ kind }) => !DRAWN.has(kind))
      .map(({ id, kind, from, summary, severity, device }): Mark => {
        const isTrouble = severity !== 'info';
        return {
          ...{ key: id, at: Date.parse(from), kind: 'alert', isTrouble },
          text: summaryText({ kind, summary }),
          about: device,
          href: alertPath(id),
        };
      }),
    ...decisions.map((one): Mark => {
      const what = say('journey.decision', {
        what: decidedText(one.disposition),
        serials: one.serials,
        case: one.case,
      });
      const by = say('journey.decision.by', { names: one.by.join(', '), reason: one.reason });
      const waits = one.inForceSince === null ? ` · ${say('journey.decision.waits')}` : '';
      return {
        ...{ key: `${one.case} ${one.number}`, at: Date.parse(one.at), kind: 'decision', isTrouble: false },
        ...{ text: `${what}${waits}`, about: by, href: `/cases/${segment(one.case)}` },
      };
    }),
    ...messages.map((one, index): Mark => {
      const key = `${one.alert} message ${index}`;
      const isTrouble = one.error !== null;
      return {
        ...{ key, at: Date.parse(one.at), kind: 'message', isTrouble, text: messageText(one) },
        ...{ about: summaries.get(one.alert) ?? null, href: alertPath(one.alert) },
      };
    }),
    ...standing.flatMap(({ id, summary, acknowledged, resolved }) => [
      ...actOf(id, acknowledged, 'journey.acknowledged', summary),
      ...actOf(id, resolved, 'journey.resolved', summary),
    ]),
  ].toSorted((a, b) => a.at - b.at);
}

function actOf(
  alert: string,
  act: { readonly at: string; readonly by: string } | null,
  text: 'journey.acknowledged' | 'journey.resolved',
  about: string,
): Mark[] {
  if (act === null) return [];
  const said = say(text, { by: act.by });
  return [
    {
      ...{ key: `${alert} ${text}`, at: Date.parse(act.at), kind: 'act', isTrouble: false, text: said, about },
      href: `/alerts/${segment(alert)}`,
    },
  ];
}

/** Marks that would lie on one another, as one. @param nearMs so near is on one another */
export function clustersOf(marks: readonly Mark[], nearMs: number): Mark[][] {
  const clusters: Mark[][] = [];
  for (const mark of marks) {
    const last = clusters.at(-1);
    const [first] = last ?? [];
    if (last !== undefined && first !== undefined && mark.at - first.at < nearMs) last.push(mark);
    else clusters.push([mark]);
  }
  return clusters;
}
