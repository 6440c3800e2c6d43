import { Children, type ReactNode } from 'react';
import { richly, type TextKey } from './say.ts';

/** A text with parts of the page inside it: a link, a time, a figure in bold stand where the language wants them. */
export function Say({ text, values }: { text: TextKey; values: Readonly<Record<string, ReactNode>> }) {
  return <>{Children.toArray(richly(text, values))}</>;
}
