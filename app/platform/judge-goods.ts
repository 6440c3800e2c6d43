import { GoodsEvaluator } from '../../rules/index.ts';
import { GOODS_CHANNEL, PostgresGoodsDesk } from '../../trace/index.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

/** Goods are judged by the rules on goods, where rules are evaluated. */
export async function judgeGoods(surroundings: Surroundings, storage: Storage): Promise<void> {
  const { parts, lifetime } = surroundings;
  if (!parts.has('rules')) return;
  const evaluator = new GoodsEvaluator({ ...tools(surroundings, 'rules'), desk: new PostgresGoodsDesk(storage) });
  const wake = () => evaluator.wake();
  const listening = await storage.database.listen(GOODS_CHANNEL, wake, wake);
  evaluator.start();
  lifetime.started(async () => {
    await listening.stop();
    await evaluator.stop();
  });
}
