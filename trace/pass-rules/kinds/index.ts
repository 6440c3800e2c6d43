import type { PassRule } from '../../../domain/index.ts';
import type { PassKind } from '../pass-facts.ts';
import { badData } from './bad-data.ts';
import { clone } from './clone.ts';
import { crossRead } from './cross-read.ts';
import { diversion } from './diversion.ts';
import { dwell } from './dwell.ts';
import { expired } from './expired.ts';
import { noData } from './no-data.ts';
import { shortage } from './shortage.ts';
import { blocked, unexpected } from './stopped.ts';
import { surge } from './surge.ts';
import { weakReads } from './weak-reads.ts';
import { wrongDirection } from './wrong-direction.ts';
import { wrongPortal } from './wrong-portal.ts';

type Kinds = { readonly [K in PassRule['kind']]: PassKind<Extract<PassRule, { readonly kind: K }>> };

const KINDS: Kinds = {
  ...{ unexpected, blocked, shortage, wrongDirection, wrongPortal, noData },
  ...{ expired, clone, dwell, crossRead, diversion },
  ...{ badData, surge, weakReads },
};

/** The table above pairs each kind with its own rule, which the type of a looked-up entry cannot say. */
export function kindOf<R extends PassRule>(rule: R): PassKind<R> {
  return KINDS[rule.kind] as unknown as PassKind<R>;
}
