import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MessageLanguage } from '../../domain/index.ts';
import { systemPart } from '../../tests/parts.ts';
import { templateRequest } from '../delivery/kinds/http-template.ts';
import { ntfyRequest } from '../delivery/kinds/ntfy.ts';
import { pagerDutyRequest } from '../delivery/kinds/pagerduty.ts';
import { slackRequest } from '../delivery/kinds/slack.ts';
import { teamsRequest } from '../delivery/kinds/teams.ts';
import { telegramRequest } from '../delivery/kinds/telegram.ts';
import type { AlertView } from '../view.ts';
import { mailOf } from './mail.ts';
import { messageOf } from './message.ts';
import { smsParts } from './sms-text.ts';

/** With ISOTHERM_TEST_PICTURES=1 the page and its pictures are made anew. */
const isMaking = process.env.ISOTHERM_TEST_PICTURES === '1';
const DOCS = join(import.meta.dirname, '../../docs');
const PAGE = join(DOCS, 'messages.md');

const serial = (n: number) => ({
  ...{
    epc: `urn:epc:id:sgtin:3453120.000025.${n}`,
    gtin: '03453120000257',
    serial: `8123${n}`,
    lot: 'A24',
    expiry: null,
  },
  ...{ unit: '(00)334531200000000014', from: '2026-11-22T10:00:00.000Z', to: null, min: 4, max: 11.4, mkt: null },
  minutesOutOfRange: 30 + n,
});
const ALERT: AlertView = {
  ...{ id: 'alrt_7f3k', kind: 'threshold', severity: 'critical', state: 'open', rule: { id: 'too-warm', version: 3 } },
  subject: { device: 'logger-7', metric: 'temperature', shipment: 'SHP-1042' },
  summary: 'logger-7 above 8 °C for 37 min',
  ...{ from: '2026-11-22T10:00:00.000Z', to: null, detectedAt: '2026-11-22T10:10:00.000Z', detectedLate: false },
  evidence: {
    ...{ limit: 8, extreme: 11.37, minutesOutOfRange: 37, endedBy: null, runs: [], readings: [], changes: [] },
  },
  affected: {
    ...{ count: 40, serials: Array.from({ length: 40 }, (_, n) => serial(n + 1)) },
    atStake: {
      ...{
        valueClasses: [
          { valueClass: 5, serials: 12 },
          { valueClass: 3, serials: 28 },
        ],
        budgetLeftMinutes: 95,
      },
    },
  },
  ...{ mergedInto: null, splitFrom: null, acknowledgedBy: null, acknowledgedAt: null, resolvedBy: null },
  ...{ resolvedAt: null, assignedTo: null, snoozedUntil: null, reopened: 0, revision: 1 },
};
const LINKS = { page: 'https://iso.example', acknowledge: () => 'https://iso.example/acknowledge/9kQ2…' };
const ZONES = { en: 'Europe/London', de: 'Europe/Berlin', pl: 'Europe/Warsaw' } as const;
type Shown = keyof typeof ZONES;
const LANGUAGES: readonly Shown[] = ['en', 'de', 'pl'];

function shown(language: Shown) {
  const wording = { language: language satisfies MessageLanguage, zone: ZONES[language], siteZone: 'America/New_York' };
  const body = { type: 'alert.escalated', data: { alert: ALERT, notice: { step: 'escalation 1', people: ['anna'] } } };
  return messageOf(body, LINKS, wording);
}

function page(): string {
  const english = shown('en');
  const json = (body: string | Uint8Array) => fenced(JSON.stringify(JSON.parse(String(body)), null, 2), 'json');
  const template = {
    url: 'https://sms.example',
    method: 'POST',
    headers: {},
    secret: '',
    to: ['+4915112345678'],
  } as const;
  const sms = LANGUAGES.map((language) => {
    const { body } = templateRequest({ ...template, body: '"{{sms}}"' }, shown(language), '482913');
    const text = JSON.parse(String(body)) as string;
    const { alphabet, parts } = smsParts(text);
    return `\`${language}\`, ${parts} parts (${alphabet === 'gsm' ? 'GSM 7 bit' : 'UCS-2'}):\n\n${fenced(text)}`;
  });
  return [
    '# What messages look like',
    '',
    'One alert, escalated to anna, whose clock is another than that of the site. Made by `alerts/message/messages-page.test.ts` with what',
    'sends messages; with `ISOTHERM_TEST_PICTURES=1` it makes the page and its pictures anew.',
    '',
    '## Mail',
    '',
    ...LANGUAGES.flatMap((language) => [
      `![A mail in ${language}, on a desk](messages/mail-${language}-1280.png)`,
      `![The same on a phone](messages/mail-${language}-390.png)`,
      '',
    ]),
    'Its text, for programs that show no HTML:',
    '',
    ...LANGUAGES.flatMap((language) => [fenced(mailOf(shown(language)).text.trimEnd()), '']),
    '## SMS, with a PIN',
    '',
    ...sms.flatMap((one) => [one, '']),
    '## Slack',
    '',
    json(slackRequest({ url: 'https://hooks.example' }, english).body),
    '',
    '## Microsoft Teams',
    '',
    json(teamsRequest({ url: 'https://teams.example' }, english).body),
    '',
    '## ntfy',
    '',
    json(ntfyRequest({ url: 'https://ntfy.example/cold', secret: '' }, english).body),
    '',
    '## Telegram',
    '',
    json(telegramRequest({ url: 'https://telegram.example', secret: '1:a', chat: '-100200' }, english).body),
    '',
    '## PagerDuty',
    '',
    json(pagerDutyRequest({ url: 'https://pagerduty.example', secret: '0'.repeat(32) }, english).body),
    '',
  ].join('\n');
}

function fenced(text: string, language = 'text'): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

test('docs/messages.md shows each message as it is sent', () => {
  if (isMaking) writeFileSync(PAGE, page());
  expect(readFileSync(PAGE, 'utf8')).toBe(page());
});

test.runIf(isMaking && systemPart('chromium') !== null)('its pictures of mails', async () => {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath: systemPart('chromium') ?? '', args: ['--no-sandbox'] });
  mkdirSync(join(DOCS, 'messages'), { recursive: true });
  for (const language of LANGUAGES) {
    for (const width of [390, 1280]) {
      const sheet = await browser.newPage({ viewport: { width, height: 400 } });
      await sheet.setContent(mailOf(shown(language)).html);
      await sheet.screenshot({ path: join(DOCS, 'messages', `mail-${language}-${width}.png`), fullPage: true });
      await sheet.close();
    }
  }
  await browser.close();
});
