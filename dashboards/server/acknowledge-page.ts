import { randomBytes } from 'node:crypto';
import express, { type Request, type Response, Router } from 'express';
import { type AcknowledgeGrant, type AcknowledgeLinks, type AlertService, escapedHtml } from '../../alerts/index.ts';
import {
  type Alert,
  ConflictError,
  InputError,
  type Origination,
  serverText,
  storableText,
  type TimeSource,
} from '../../domain/index.ts';
import { addressOf, requireSameOrigin } from './identity.ts';

export interface AcknowledgePageOptions {
  readonly acknowledging: AcknowledgeLinks;
  readonly alertService: AlertService;
  readonly time: TimeSource;
}

/** What a link can be answered with. */
type Outcome =
  | { readonly kind: 'unknown' | 'past' | 'used' }
  | {
      readonly kind: 'offered' | 'done' | 'settled';
      readonly alert: Alert;
      readonly isChanged: boolean;
      /** Its place asks what is done about it. */
      readonly needsComment: boolean;
    };

const FORM_BYTES = 16_384;
const COMMENT_LENGTH = 1_000;

/**
 * The page behind "Acknowledge" in a message: `/acknowledge/{token}`. Opening it shows what it would do and does
 * nothing, so that whoever looks at links before people do acknowledges nothing; the button does it. It needs no session, and
 * no script: mail programs open it in windows of their own.
 */
export function acknowledgePage({ acknowledging, alertService, time }: AcknowledgePageOptions): Router {
  const look = async (grant: AcknowledgeGrant | null): Promise<Outcome> => {
    if (grant === null) return { kind: 'unknown' };
    if (grant.until < time.now()) return { kind: 'past' };
    const alert = await alertService.find(grant.alert);
    if (alert === null) return { kind: 'unknown' };
    if (alert.reopened !== grant.reopened) return { kind: 'used' };
    const isChanged = alert.revision !== grant.revision;
    const needsComment = alert.state === 'open' && (await alertService.needsComment(alert.id));
    return { kind: alert.state === 'open' ? 'offered' : 'settled', alert, isChanged, needsComment };
  };
  const router = Router();
  router.get('/acknowledge/:token', async (request, response) => {
    const grant = acknowledging.grantOf(request.params.token);
    show(response, grant, await look(grant));
  });
  router.post(
    '/acknowledge/:token',
    express.urlencoded({ extended: false, limit: FORM_BYTES, parameterLimit: 4 }),
    async (request: Request<{ token: string }>, response) => {
      requireSameOrigin(request);
      const grant = acknowledging.grantOf(request.params.token);
      const outcome = await look(grant);
      if (grant === null || outcome.kind !== 'offered') {
        show(response, grant, outcome);
        return;
      }
      const seen = seenRevision(request.body);
      if (seen === null) {
        show(response, grant, outcome);
        return;
      }
      try {
        const comment = commentOf(request.body);
        const alert = await alertService.acknowledge(grant.alert, byLink(grant, request), { seen, comment });
        show(response, grant, { kind: 'done', alert, isChanged: false, needsComment: false });
      } catch (error) {
        const isForm = error instanceof InputError && error.code === 'COMMENT_REQUIRED';
        if (!(error instanceof ConflictError) && !isForm) throw error;
        // Somebody was first, or did something else meanwhile: it is shown as it stands now.
        show(response, grant, await look(grant));
      }
    },
  );
  return router;
}

/** The revision that the page showed. Without it nobody pressed the button of the page. */
function seenRevision(body: unknown): number | null {
  const given = typeof body === 'object' && body !== null && 'seen' in body ? String(body.seen) : '';
  return /^\d{1,9}$/.test(given) ? Number(given) : null;
}

/** What was written, as far as it may be kept. */
function commentOf(body: unknown): string | undefined {
  const given = typeof body === 'object' && body !== null && 'comment' in body ? String(body.comment).trim() : '';
  return given === '' ? undefined : storableText(given.slice(0, COMMENT_LENGTH));
}

/** Whoever was told; of several it is not known which one presses. Without people the channel. */
function nameOf({ people, channel }: AcknowledgeGrant): string {
  return people.length === 0 ? channel : people.join(' or ');
}

function byLink(grant: AcknowledgeGrant, request: Request): Origination {
  return {
    actor: { id: `link:${grant.channel}`, name: nameOf(grant), kind: 'credential' },
    origin: { via: 'http', address: addressOf(request) },
  };
}

const STATUS = { unknown: 404, past: 410, used: 409, settled: 200, offered: 200, done: 200 } as const;

function show(response: Response, grant: AcknowledgeGrant | null, outcome: Outcome): void {
  const nonce = randomBytes(16).toString('base64');
  response
    .status(STATUS[outcome.kind])
    .set({
      'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
      'Cache-Control': 'no-store',
      'X-Robots-Tag': 'noindex, nofollow',
    })
    .type('html')
    .send(pageOf(nonce, outcome, grant === null ? '' : nameOf(grant)));
}

function pageOf(nonce: string, outcome: Outcome, who: string): string {
  const title = serverText('acknowledge.title');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapedHtml(title)}</title><style nonce="${nonce}">${STYLE}</style></head>
<body><main><h1>${escapedHtml(title)}</h1>${'alert' in outcome ? alertOf(outcome.alert) : ''}${saidOf(outcome, who)}</main></body></html>`;
}

function alertOf({ id, severity, summary, affectedCount, from }: Alert): string {
  const count = serverText('message.fact.serials.value', { count: affectedCount });
  const since = `${new Date(from).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<section class="${severity}"><p class="severity">${escapedHtml(serverText('message.severity', { severity }))}</p>
<p class="summary">${escapedHtml(summary)}</p><dl><dt>${escapedHtml(serverText('message.fact.serials'))}</dt><dd>${escapedHtml(count)}</dd>
<dt>${escapedHtml(serverText('message.fact.since'))}</dt><dd>${escapedHtml(since)}</dd></dl>
<p><a href="/alerts/${encodeURIComponent(id)}">${escapedHtml(serverText('message.link.alert'))}</a></p></section>`;
}

function saidOf(outcome: Outcome, who: string): string {
  const say = (text: string) => `<p role="status">${escapedHtml(text)}</p>`;
  if (!('alert' in outcome)) return say(serverText(`acknowledge.${outcome.kind}`));
  const { alert, kind, isChanged, needsComment } = outcome;
  if (kind === 'done') return say(serverText('acknowledge.done', { who }));
  if (kind === 'settled') {
    const state = serverText('message.state', { state: alert.state });
    const by = alert.resolvedBy ?? alert.acknowledgedBy;
    return say(serverText(by === null ? 'acknowledge.noLonger' : 'acknowledge.noLonger.by', { state, who: by ?? '' }));
  }
  return `${isChanged ? say(serverText('acknowledge.changed')) : ''}${say(serverText('acknowledge.will', { who }))}
<form method="post"><input type="hidden" name="seen" value="${alert.revision}">${needsComment ? COMMENT_FIELD : ''}<button type="submit">${escapedHtml(serverText('acknowledge.button'))}</button></form>`;
}

const COMMENT_FIELD = `<label>${escapedHtml(serverText('acknowledge.comment'))}<textarea name="comment" rows="3" maxlength="${COMMENT_LENGTH}" required></textarea></label>`;

/** Large enough for a thumb in a glove; dark where the device is. */
const STYLE = `:root{color-scheme:light dark}body{margin:0;padding:16px;font:18px/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}
main{max-width:36rem;margin:0 auto}h1{font-size:1.3rem}section{border-left:6px solid #33566b;padding:4px 16px;margin:16px 0}
.critical{border-color:#c0342b}.warning{border-color:#a66b00}.severity{margin:0;font-weight:700}.summary{margin:4px 0 12px;font-size:1.15rem;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:auto 1fr;gap:4px 16px;margin:0 0 12px}dt{opacity:.75}dd{margin:0}
label{display:block;margin:0 0 16px}textarea{display:block;box-sizing:border-box;width:100%;font:inherit}button{font:inherit;font-weight:700;width:100%;min-height:64px;border-radius:8px;border:2px solid CanvasText;background:CanvasText;color:Canvas}`;
