import type { Logger, Partner, TimeSource } from '../../domain/index.ts';
import type { CameIn, PartnerFile } from '../../partners/index.ts';
import { FolderDrop } from './folder-drop.ts';

export interface PartnerDropOptions {
  /** Holds a folder for each partner, by its id. */
  readonly folder: string;
  readonly partners: () => Promise<readonly Partner[]>;
  /** @throws {InputError} PARTNER_QUOTA it may come later; another code: it may not come at all */
  readonly take: (partner: Partner, file: CameIn) => Promise<PartnerFile>;
  readonly time: TimeSource;
  readonly logger: Logger;
}

/** Where the SFTP server of the machine puts what partners bring: `FOLDER/PARTNER/NAME`, by the habits of every folder drop. */
export class PartnerDrop extends FolderDrop<Partner> {
  constructor({ folder, logger, partners, take, time }: PartnerDropOptions) {
    super({
      ...{ name: 'partner drop', folder, inbox: '', time, owners: partners, quota: 'PARTNER_QUOTA' },
      unusable: { code: 'PARTNER_FOLDER_UNUSABLE', setting: 'partners.folder' },
      take: async (partner, { name, content }) => {
        const file = await take(partner, { via: 'folder', name, content });
        const { fate, reason, sha256, repeats, subject } = file;
        return { fate, reason, sha256, repeats, subject };
      },
      onWaiting: ({ id }, reason) =>
        logger.warn({ partner: id, reason }, 'files of a partner wait: more than is agreed'),
      onStuck: (partner, name, err) => logger.warn({ partner, name, err }, 'a file of a partner cannot be taken'),
      onUnreadable: (unreadable, err) =>
        logger.warn({ folder: unreadable, err }, 'a folder of a partner cannot be read'),
    });
  }
}
