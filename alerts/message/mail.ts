import { type Message, plainText } from './message.ts';

/** A mail, ready but for who sends it. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const COLORS = { critical: '#b3261e', warning: '#8a5a00', info: '#33566b' } as const;
const CALM = '#444444';
const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif";

/**
 * A message as a mail, in HTML and text. Tables and styles at the element, for programs that know no others; no picture,
 * no script, nothing that is loaded.
 */
export function mailOf(message: Message): Mail {
  const { title, sentence, severity, isStanding, facts, serials, moreSerials, now, links, language, words } = message;
  const color = isStanding ? COLORS[severity] : CALM;
  const rows = facts.map(
    ({ name, value }) =>
      `<tr><td style="padding:4px 16px 4px 0;color:#555;vertical-align:top">${escaped(name)}</td><td style="padding:4px 0;vertical-align:top">${escaped(value)}</td></tr>`,
  );
  const named = [...serials, ...(moreSerials === null ? [] : [moreSerials])];
  const list = named
    .map((serial) => `<div style="padding:1px 0;overflow-wrap:anywhere">${escaped(serial)}</div>`)
    .join('');
  const buttons = links.map(
    ({ text, url }, index) =>
      `<a href="${escaped(url)}" style="display:inline-block;margin:0 12px 8px 0;padding:12px 20px;border-radius:6px;text-decoration:none;border:1px solid ${color};${
        index === 0 ? `background:${color};color:#ffffff` : `color:${color};background:#ffffff`
      }">${escaped(text)}</a>`,
  );
  const html = [
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    `<title>${escaped(title)}</title></head>`,
    `<body style="margin:0;padding:16px;background:#f2f2f0;color:#1d1d1b;${FONT};font-size:16px;line-height:1.45">`,
    '<table role="presentation" width="100%" cellspacing="0" cellpadding="0"><tr><td align="center">',
    `<table role="presentation" width="100%" cellspacing="0" cellpadding="0" style="max-width:640px;background:#ffffff;border-top:6px solid ${color}"><tr><td style="padding:24px;text-align:left">`,
    `<h1 style="margin:0 0 8px;font-size:20px;line-height:1.3;color:${color}">${escaped(title)}</h1>`,
    `<p style="margin:0 0 16px">${escaped(sentence)}</p>`,
    rows.length === 0
      ? ''
      : `<table role="presentation" cellspacing="0" cellpadding="0" style="margin:0 0 16px">${rows.join('')}</table>`,
    list === '' ? '' : `<div style="margin:0 0 16px;font-family:Consolas,Menlo,monospace;font-size:13px">${list}</div>`,
    now === null
      ? ''
      : `<p style="margin:0 0 20px;padding:12px 16px;background:#f6f3ea;border-left:4px solid ${color}"><b>${escaped(words.now)}.</b> ${escaped(now)}</p>`,
    `<p style="margin:0">${buttons.join('')}</p>`,
    `<p style="margin:16px 0 0;color:#666;font-size:13px">${escaped(words.footer)}</p>`,
    '</td></tr></table></td></tr></table></body></html>',
  ].join('');
  return { subject: title, text: `${plainText(message)}\n\n-- \n${words.footer}\n`, html };
}

/** For text and for attributes in double quotes. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
