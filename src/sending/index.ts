export { startEngine } from './engine.ts';
export type { Engine, EngineDeps } from './engine.ts';
