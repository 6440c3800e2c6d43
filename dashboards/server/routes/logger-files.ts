import { mappingFrom } from '../../../codecs/logger-files/index.ts';
import { InputError, type LoggerFileAnswer } from '../../../domain/index.ts';
import type { KeptMapping } from '../../../storage/index.ts';
import { formatTime, loggerFileOperations, loggerFileParts } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { type Asked, mount } from '../mount.ts';
import { formIn } from '../multipart.ts';
import { parsed, Refusal } from '../problems.ts';
import type { Services } from '../services.ts';

/** Rows that are shown of a file whose columns a person points at. */
const SHOWN_ROWS = 60;

/** Files that loggers were read out into. */
export function loggerFileRoutes({ loggerFileCommands, loggerFiles, loggerFileStore }: Services) {
  return [
    mount(loggerFileOperations.take, async (asked) => {
      const { upload, isDryRun } = await uploadIn(asked);
      return ok(view(await (isDryRun ? loggerFileCommands.look(upload) : loggerFileCommands.take(upload))));
    }),

    mount(loggerFileOperations.rows, async ({ body, request }) => {
      const { file } = await formIn(body, request.headers);
      return ok({ rows: await loggerFiles.rows(requireFile(file).bytes, SHOWN_ROWS) });
    }),

    mount(loggerFileOperations.list, async ({ query: { device, shipment, limit, cursor } }) => {
      const page = await loggerFileStore.list({
        limit,
        ...(device === undefined ? {} : { device }),
        ...(shipment === undefined ? {} : { shipment }),
        ...(cursor === undefined ? {} : { cursor }),
      });
      const items = page.items.map(({ twice: _, at, answer, ...file }) => ({
        ...{ ...file, at: formatTime(at), answer: view(answer) },
      }));
      return ok({ items, nextCursor: page.nextCursor });
    }),

    mount(loggerFileOperations.mappings, async () => {
      const kept = await loggerFileStore.mappings();
      return ok({ items: kept.map(mappingView) });
    }),

    mount(loggerFileOperations.keepMapping, async ({ parameters: { name }, body, origination }) =>
      ok(mappingView(await loggerFileCommands.keepMapping(name, mappingFrom({ ...body, name }), origination))),
    ),
  ];
}

function mappingView({ name, mapping, at, by }: KeptMapping) {
  return { name, mapping: mappingFrom(mapping), at: formatTime(at), by };
}

function view({ devices, refused, waits, notes, ...answer }: LoggerFileAnswer) {
  return { ...answer, devices: [...devices], refused: [...refused], waits: [...waits], notes: [...notes] };
}

async function uploadIn({ body, request, origination }: Asked<typeof loggerFileOperations.take>) {
  const { file, fields } = await formIn(body, request.headers);
  const { bytes, name } = requireFile(file);
  const { zone, device, shipment, unit, mapping, twice, dryRun } = parsed(loggerFileParts, fields, 'BODY_INVALID');
  const upload = {
    ...{ bytes, name, who: origination },
    ...{ zone: given(zone), device: given(device), shipment: given(shipment), unit: given(unit) },
    ...{ mapping: mappingIn(given(mapping)), twice: given(twice) as 'first' | 'second' | null },
  };
  return { upload, isDryRun: dryRun === 'true' };
}

/** A field of a form that was left empty says nothing. */
function given(text: string | undefined): string | null {
  return text === undefined || text.trim() === '' ? null : text.trim();
}

function requireFile<T>(file: T | null): T {
  if (file !== null) return file;
  throw new Refusal(400, 'FORM_MALFORMED', 'the form cannot be read: expected a part named file');
}

/** JSON, or the name of a mapping that is kept. @throws {InputError} LOGGER_FILE_MAPPING_BAD */
function mappingIn(text: string | null): unknown {
  if (text === null || !text.startsWith('{')) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InputError('LOGGER_FILE_MAPPING_BAD', 'mapping: it is no JSON');
  }
}
