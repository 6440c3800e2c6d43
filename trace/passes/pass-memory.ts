import { Completeness } from './completeness.ts';
import { GoodsOfPasses } from './goods-of-pass.ts';
import { KnownGoods } from './known-goods.ts';
import type { OpenWindow } from './open-window.ts';
import { RecentPasses } from './recent-passes.ts';

/**
 * What the tracer keeps in memory from batch to batch of passes under way, so that a batch costs what is new in it. All of it
 * stands in the tables too: it is dropped at a restart and after a transaction that did not commit, and looked up again.
 */
export class PassMemory {
  readonly goods = new KnownGoods();
  readonly goodsOf = new GoodsOfPasses(this.goods);
  readonly complete = new Completeness();
  readonly recent = new RecentPasses();
  /** By portal. */
  readonly windows = new Map<string, OpenWindow>();
}
