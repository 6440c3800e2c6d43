import { retentionOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** What is kept how long. */
export function retentionRoutes({ retention }: Services) {
  return [mount(retentionOperations.get, async () => ok(await retention.view()))];
}
