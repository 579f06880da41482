export { isLoopbackRelay, parseRelayUrls, PLAIN_RELAY } from './relay-address.ts';
export type { RelayAddress } from './relay-address.ts';
export { parseConfig, SETTING_NAMES } from './config.ts';
export type { Config, SettingName, SignupSettings } from './config.ts';
