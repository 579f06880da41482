export { parseConfig, SETTING_NAMES } from './config.ts';
export type { Config, SettingName, SignupSettings } from './config.ts';
