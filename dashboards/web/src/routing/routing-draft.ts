import { useState } from 'react';
import type { RoutingDraftView, RoutingPartsView, RoutingView } from '../../../api/index.ts';
import { type RoutingChangeGiven, useChangeRouting } from './routing-queries.ts';

/** A routing that is being written, by hand or by forms: one text, whichever of them changes it. */
export interface RoutingDraft {
  readonly text: string;
  readonly reason: string;
  readonly isDraft: boolean;
  /** People, teams and schedules of the text; null: it was changed by hand since they were read from it. */
  readonly parts: RoutingPartsView | null;
  /** Comments that go with what forms took out. */
  readonly lost: readonly string[];
  readonly error: Error | null;
  readonly isPending: boolean;
  readonly setText: (text: string) => void;
  readonly setReason: (reason: string) => void;
  readonly reset: () => void;
  /** Reads a text that was changed by hand. */
  readonly read: () => void;
  /** @param why what is put into the reason */
  readonly change: (change: RoutingChangeGiven, why: string, onDone?: () => void) => void;
}

/** @param start what stands in the editor where there is no routing yet */
export function useRoutingDraft(routing: RoutingView, start: string): RoutingDraft {
  const inForce = routing.text ?? start;
  const [text, setText] = useState(inForce);
  const [reason, setReason] = useState('');
  const [lost, setLost] = useState<readonly string[]>([]);
  const [read, setRead] = useState<{ readonly text: string; readonly parts: RoutingPartsView }>({
    text: inForce,
    parts: routing,
  });
  const draft = useChangeRouting();
  const taken = (view: RoutingDraftView) => {
    setText(view.text);
    setRead({ text: view.text, parts: view });
  };
  return {
    ...{ text, reason, lost, setText, setReason },
    isDraft: text !== inForce,
    parts: read.text === text ? read.parts : null,
    ...{ error: draft.error, isPending: draft.isPending },
    reset: () => {
      setText(inForce);
      setReason('');
      setLost([]);
      setRead({ text: inForce, parts: routing });
      draft.reset();
    },
    read: () => {
      if (read.text !== text) draft.mutate({ text }, { onSuccess: taken });
    },
    change: (change, why, onDone) => {
      // The first of all: what is written so far are names to be replaced.
      const isFirst = routing.text === null && text === start;
      const given = isFirst ? `route:\n  name: all\n  to: [{ person: ${change.id} }]\n` : text;
      draft.mutate(
        { text: given, change },
        {
          onSuccess: (view) => {
            taken(view);
            setLost((before) => [...before, ...view.lost]);
            setReason((before) => (before === '' ? why : `${before}; ${why}`).slice(0, 1_000));
            onDone?.();
          },
        },
      );
    },
  };
}

/** What is other, as a JSON Merge Patch (RFC 7396): what is empty now goes. */
export function patchOf(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[key], after[key]];
    if (JSON.stringify(was) === JSON.stringify(is)) continue;
    if (isEmpty(is)) patch[key] = null;
    else patch[key] = isObject(is) ? patchOf(isObject(was) ? was : {}, is) : is;
  }
  return patch;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.values(value).every(isEmpty);
}
