import type { Partner } from '../../domain/index.ts';
import type { PartnerFile } from '../../partners/index.ts';
import { type DropOptions, FolderDrop } from './folder-drop.ts';

/** Where the SFTP server of the machine puts what partners bring: `FOLDER/PARTNER/NAME`, by the habits of every folder drop. */
export class PartnerDrop extends FolderDrop<Partner> {
  constructor({ folder, logger, owners, take, time }: DropOptions<Partner, PartnerFile>) {
    super({
      ...{ name: 'partner drop', folder, inbox: '', time, owners, quota: 'PARTNER_QUOTA' },
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
