export { startInboxListener } from './inbox-listener.ts';
export type { InboxListener } from './inbox-listener.ts';
export { readInboxAddress } from './inbox.repository.ts';
export { inboxPages } from './inbox.routes.ts';
