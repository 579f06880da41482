export { openBackup } from './backup-file.ts';
export type { OpenBackup } from './backup-file.ts';
export { chooseKeys } from './choose-keys.ts';
export { restoreBackup } from './restore-backup.ts';
export type { RestoreReport } from './restore-backup.ts';
export { writeBackup } from './write-backup.ts';
