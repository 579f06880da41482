import type { Deps } from '../src/compose.ts';
import type { Engine } from '../src/sending/index.ts';

export interface WorkerDeps extends Deps {
  readonly engine: Pick<Engine, 'wake'>;
}
