export { parseConfig, SETTING_NAMES } from './config.ts';
export type { Config } from './config.ts';
