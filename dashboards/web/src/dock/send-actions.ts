import type { PassPhotoView } from '../../../api/index.ts';
import { AnswerError, segment, send, sendFile } from '../ask.ts';
import type { KeptAction } from './kept-actions.ts';
import { clockOffset } from './server-clock.ts';

/** What became of one that was sent. */
export type Sent =
  | { readonly became: 'done' }
  /** The server is away, or nobody is signed in: it waits. */
  | { readonly became: 'waiting' }
  /** It does not fit any more, or may not be done: a person is asked. Never applied, never dropped. */
  | { readonly became: 'question'; readonly refusal: string };

/**
 * Sends one action.
 * @param keep keeps what is decided at the first sending, before it is sent
 */
export async function sendAction(action: KeptAction, keep: (action: KeptAction) => Promise<void>): Promise<Sent> {
  try {
    let decidedAt = action.decidedAt;
    if (decidedAt === null) {
      // Its age by this screen's clock is right even where that clock is wrong.
      decidedAt = Math.round(action.doneAt + (await clockOffset()));
      await keep({ ...action, decidedAt });
    }
    // Photos are known by what they are: one that is there already is sent for nothing, and never kept twice.
    const photos: string[] = [];
    for (const photo of action.photos ?? []) {
      photos.push((await sendFile<PassPhotoView>(`/passes/${segment(action.pass)}/photos`, photo)).sha256);
    }
    const body = { ...action.body, ...(photos.length > 0 && { photos }), decidedAt };
    await send('POST', action.path, body, { 'Idempotency-Key': action.id });
    return { became: 'done' };
  } catch (error) {
    return error instanceof AnswerError && isRefusal(error)
      ? { became: 'question', refusal: error.message }
      : { became: 'waiting' };
  }
}

/** Signing in again helps, or waiting: then the same is sent again. */
function isRefusal({ status, problem }: AnswerError): boolean {
  return (
    status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status) && problem?.code !== 'REQUEST_UNDER_WAY'
  );
}
