export { exportSubscribers } from './export-subscribers.ts';
export { requireSubscriberByAddress } from './find-subscriber.ts';
export type { SubscriberSummary } from './subscriber.ts';
export { subscribersRoutes } from './subscribers.routes.ts';
export { unsubscribeSubscriber } from './suppress-subscriber.ts';
