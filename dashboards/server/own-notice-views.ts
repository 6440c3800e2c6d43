import {
  ADDRESS_FORMS,
  type ChannelRecord,
  type Channels,
  type PersonalSettingsBook,
  type RoutingInForce,
  writtenRouting,
} from '../../alerts/index.ts';
import { InputError, type MessageLanguage, SEVERITIES } from '../../domain/index.ts';
import { formatTime, type OwnNoticesView } from '../api/index.ts';
import { notFound } from './problems.ts';

export interface OwnNoticeViewsOptions {
  readonly channels: Channels;
  readonly personalSettings: PersonalSettingsBook;
  readonly routingInForce: RoutingInForce;
}

const PLAIN_LANGUAGE: MessageLanguage = 'en';

interface Person {
  readonly id: number;
  readonly name: string;
}

/** How somebody is told of alerts, by the routing and by their own word. */
export class OwnNoticeViews {
  readonly #options: OwnNoticeViewsOptions;

  constructor(options: OwnNoticeViewsOptions) {
    this.#options = options;
  }

  async view(person: Person): Promise<OwnNoticesView> {
    const { channels, personalSettings, routingInForce } = this.#options;
    await routingInForce.refresh();
    const { source, written } = routingInForce.found;
    const known = written?.people.get(person.name);
    const text = source.kind === 'file' || source.kind === 'edited' ? writtenRouting(source.text) : null;
    const [own, addresses, all] = await Promise.all([
      personalSettings.of(person),
      personalSettings.addressesOf(person),
      channels.list(),
    ]);
    const told = SEVERITIES.flatMap((severity) => known?.notify[severity] ?? []);
    return {
      name: person.name,
      isKnown: known !== undefined,
      ...{ language: own.language, zone: own.zone, quiet: windowsOf(own.quiet) },
      routing: {
        ...{ language: known?.language ?? PLAIN_LANGUAGE, zone: known?.zone ?? 'UTC' },
        quiet: windowsOf(text?.people[person.name]?.quiet ?? []) ?? [],
      },
      channels: [...new Set(told)].map((id) => {
        const form = formOf(all.find((channel) => channel.id === id));
        const mine = addresses.find(({ channel }) => channel === id);
        return {
          id,
          severities: SEVERITIES.toReversed().filter((severity) => known?.notify[severity].includes(id)),
          ...{ takesAddress: form !== undefined, allowed: form?.allowed ?? null },
          ...{ address: mine?.address ?? null, wanted: mine?.wanted ?? null },
          codeExpiresAt: formatTime(mine?.codeExpiresAt ?? null),
          routing: known?.addresses[id] ?? null,
        };
      }),
    };
  }

  /** A channel by which somebody is told. @throws {Refusal} 404 CHANNEL_UNKNOWN */
  async channel(person: Person, id: string): Promise<ChannelRecord> {
    const known = this.#options.routingInForce.found.written?.people.get(person.name);
    const isTold = SEVERITIES.some((severity) => known?.notify[severity].includes(id));
    const channel = isTold ? (await this.#options.channels.list()).find((one) => one.id === id) : undefined;
    if (channel === undefined) throw notFound('CHANNEL_UNKNOWN', `you are not told by a channel ${id}`);
    return channel;
  }

  /** In which somebody is written to. */
  async language(person: Person) {
    const { personalSettings, routingInForce } = this.#options;
    const own = await personalSettings.of(person);
    return own.language ?? routingInForce.found.written?.people.get(person.name)?.language ?? PLAIN_LANGUAGE;
  }
}

/** What the channel answered to a code, as the fault of the address. */
export function refusedAddress(channel: string, answer: string): InputError {
  const message = `address: ${channel} did not take the code: ${answer}`;
  return new InputError('ADDRESS_REFUSED', message, { errors: [{ path: 'address', message }] });
}

function formOf(channel: ChannelRecord | undefined) {
  return channel === undefined ? undefined : ADDRESS_FORMS[channel.kind];
}

interface WindowWritten {
  readonly from: string;
  readonly to: string;
  readonly days?: readonly string[] | undefined;
}

function windowsOf<T extends readonly WindowWritten[] | null>(windows: T) {
  return windows?.map(({ from, to, days }) => ({ from, to, ...(days !== undefined && { days: [...days] }) })) ?? null;
}
