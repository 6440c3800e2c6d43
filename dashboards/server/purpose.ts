import type { InstallationPurpose } from '../../domain/index.ts';
import type { OrganisationStore } from '../../storage/index.ts';

interface PurposeSources {
  readonly mode: { readonly isPharmacy?: boolean };
  readonly organisation: OrganisationStore;
}

/** What the page is for: as somebody chose on it, else as configured. */
export async function purposeOf({ mode, organisation }: PurposeSources): Promise<InstallationPurpose> {
  return (await organisation.purpose()) ?? (mode.isPharmacy === true ? 'pharmacy' : 'everything');
}
