import { elementsIn } from '../../codecs/epc/index.ts';
import type { Market, MarketElement } from './market.ts';
import { isInForce } from './periods.ts';

/** What the code on a pack lacks of what a market asks for on a day. */
export interface PackCheck {
  /** Asked for and not in the code. */
  readonly missing: readonly MarketElement[];
  /** What a person looks at: asked for on a condition, or in a form that no scan tells. */
  readonly toLookAt: readonly MarketElement[];
  /** Whether the market asks for anything on that day. */
  readonly isAsked: boolean;
}

/**
 * Reads the code of a pack and says what is missing. That nothing is missing says nothing of whether the pack is genuine.
 *
 * @param code an element string, a scan, or a GS1 Digital Link
 * @param day YYYY-MM-DD: asked for is what was in force then
 * @throws {InputError} EPC_SYNTAX and others of the codec; EPC_NOT_SUPPORTED for Chinese codes of 20 digits
 */
export function checkPack(market: Market, code: string, day: string): PackCheck {
  const borne = new Set(elementsIn(code).map(({ ai }) => ai));
  const asked = market.identifier.filter((element) => isInForce(element, day));
  const isTold = (element: MarketElement) => element.ai !== null && element.if === null;
  return {
    missing: asked.filter((element) => isTold(element) && !borne.has(element.ai ?? '')),
    toLookAt: asked.filter((element) => !isTold(element) && (element.ai === null || !borne.has(element.ai))),
    isAsked: asked.length > 0,
  };
}
