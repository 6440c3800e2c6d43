import { alertStatistics, ruleProposals } from '../../../alerts/index.ts';
import { InputError } from '../../../domain/index.ts';
import { formatTime, LONGEST_STATISTICS_MS, statisticsOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

const THIRTY_DAYS_MS = 30 * 86_400_000;

/** How alerts went, so that rules are mended instead of muted. */
export function statisticsRoutes({ reads, time }: Services) {
  return [
    mount(statisticsOperations.alerts, async ({ query: { by, ...asked } }) => {
      const to = asked.to ?? time.now();
      const from = asked.from ?? to - THIRTY_DAYS_MS;
      if (from >= to || to - from > LONGEST_STATISTICS_MS) {
        throw new InputError(
          'STATISTICS_PERIOD',
          'from: given one that is not before to or more than 400 days before it',
        );
      }
      const [counted, proposals] = await Promise.all([
        alertStatistics(reads, by, { from, to }),
        ruleProposals(reads, { from, to }),
      ]);
      const { total, worst } = counted;
      return ok({
        ...{ from: formatTime(from), to: formatTime(to), by, total },
        worst: [...worst],
        proposals: [...proposals],
      });
    }),
  ];
}
