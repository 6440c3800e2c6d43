import { join } from 'node:path';
import type { FileOfSystem, System } from '../../partners/index.ts';
import { type DropOptions, FolderDrop } from './folder-drop.ts';
import { putOut } from './outbox.ts';

/**
 * Where ERP and WMS put their files, and find what is told to them: `FOLDER/SYSTEM/in/NAME` by the habits of every folder drop,
 * and `FOLDER/SYSTEM/out`, into which what acknowledges a file (997, CONTRL) goes too.
 */
export class SystemDrop extends FolderDrop<System> {
  constructor({ folder, logger, owners, take, time }: DropOptions<System, FileOfSystem>) {
    super({
      ...{ name: 'system drop', folder, inbox: 'in', time, owners, quota: 'SYSTEM_QUOTA' },
      unusable: { code: 'SYSTEM_FOLDER_UNUSABLE', setting: 'systems.folder' },
      take: async (system, { name, content }) => {
        const file = await take(system, { via: 'folder', name, content });
        const { id, fate, reason, sha256, repeats, acknowledgement } = file;
        // Of a repetition the same again, under the same name: whoever is killed here has written it once.
        if (acknowledgement !== null) {
          await putOut(join(folder, system.id, 'out'), `acknowledgement-${repeats ?? id}.edi`, acknowledgement);
        }
        return { file: id, fate, reason, sha256, repeats };
      },
      onWaiting: ({ id }, reason) => logger.warn({ system: id, reason }, 'files of a system wait: more than is agreed'),
      onStuck: (system, name, err) => logger.warn({ system, name, err }, 'a file of a system cannot be taken'),
      onUnreadable: (unreadable, err) =>
        logger.warn({ folder: unreadable, err }, 'a folder of a system cannot be read'),
    });
  }
}
