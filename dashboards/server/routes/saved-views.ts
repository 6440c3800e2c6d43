import {
  type SavedView,
  type SavedViewList,
  savedViewOperations,
  savedViewRef,
  shipmentAddress,
} from '../../api/index.ts';
import { ok } from '../answer.ts';
import type { Registered } from '../directory.ts';
import { mount } from '../mount.ts';
import { parsed } from '../problems.ts';
import type { Services } from '../services.ts';
import { personOf } from '../sign-in.ts';

/** Views of the screen of shipments that people saved for themselves. */
export function savedViewRoutes({ directory, savedViews }: Pick<Services, 'directory' | 'savedViews'>) {
  const all = async (person: ReturnType<typeof personOf>): Promise<SavedViewList> => {
    const [kept, registered] = await Promise.all([savedViews.of(person), directory.registered()]);
    const items = [...kept].map(([name, address]) => viewOf(registered, name, address));
    return { items: items.sort((a, b) => a.name.localeCompare(b.name)) };
  };
  return [
    mount(savedViewOperations.list, async ({ identity }) => ok(await all(personOf(identity)))),

    mount(savedViewOperations.put, async ({ identity, parameters, body, origination }) => {
      const person = personOf(identity);
      const { name } = parsed(savedViewRef, parameters, 'BODY_INVALID');
      await savedViews.put(person, name, body, origination);
      return ok(await all(person));
    }),

    mount(savedViewOperations.remove, async ({ identity, parameters, origination }) => {
      const person = personOf(identity);
      await savedViews.remove(person, parameters.name, origination);
      return ok(await all(person));
    }),
  ];
}

function viewOf({ places }: Registered, name: string, kept: Readonly<Record<string, unknown>>): SavedView {
  const address: Record<string, string> = {};
  const gone: string[] = [];
  const known = shipmentAddress.safeParse(kept);
  const unknown = new Set(known.success ? [] : known.error.issues.flatMap(membersOf));
  for (const [member, value] of Object.entries(kept)) {
    if (typeof value !== 'string') continue;
    address[member] = value;
    const isPlace = member === 'origin' || member === 'destination';
    if (unknown.has(member) || (isPlace && !places.has(value))) gone.push(member);
  }
  return { name, address, gone };
}

/** Members that a fault is about; those that no version here knows stand in its keys. */
function membersOf(issue: { readonly path: readonly PropertyKey[]; readonly keys?: readonly string[] }): string[] {
  return [...issue.path.slice(0, 1).map(String), ...(issue.keys ?? [])];
}
