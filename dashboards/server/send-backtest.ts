import type { Request, Response } from 'express';
import type { BacktestLine } from '../api/index.ts';
import type { BacktestStep } from './backtest-commands.ts';
import { problemOf } from './problems.ts';

const LINES = 'application/x-ndjson';

/**
 * Answers with a backtest: to who accepts `application/x-ndjson` a line of progress after each part and the result or a
 * problem as the last, else the result alone. Whoever goes away stops it. What is wrong with the request itself is an
 * answer of its own, before the first line.
 */
export async function sendBacktest(
  steps: AsyncGenerator<BacktestStep>,
  request: Request,
  response: Response,
): Promise<void> {
  const isStreamed = request.accepts(['application/json', LINES]) === LINES;
  try {
    for await (const step of steps) {
      if (response.destroyed) return;
      if (isStreamed) {
        if (!response.headersSent) response.status(200).type(LINES);
        // Lines of progress are short, and few beside the readings each stands for: nothing piles up.
        response.write(lineOf(step));
      } else if ('result' in step) response.json(step.result);
    }
  } catch (error) {
    if (!response.headersSent) throw error;
    const problem = problemOf(error);
    await new Promise<void>((resolve) => response.end(lineOf({ problem }), resolve));
    // Ours: it belongs into the log too.
    if (problem.status === 500) throw error;
    return;
  }
  if (isStreamed) response.end();
}

function lineOf(line: BacktestLine): string {
  return `${JSON.stringify(line)}\n`;
}
