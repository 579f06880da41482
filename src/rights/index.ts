export { collectEvidence } from './collect-evidence.ts';
export { eraseSubscriber } from './erase-subscriber.ts';
export { evidencePages } from './evidence.routes.ts';
export { exportPersonalData } from './export-personal-data.ts';
export { renderEvidence } from './render-evidence.ts';
export { rightsRoutes } from './rights.routes.ts';
