export { parseConfig, SETTING_NAMES } from './config.ts';
export type { Config, SettingName } from './config.ts';
