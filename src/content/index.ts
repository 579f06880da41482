export { addFeed, removeFeed } from './add-feed.ts';
export { selectFreshArticles } from './articles.repository.ts';
export type { FreshArticle } from './articles.repository.ts';
export { contentRoutes } from './content.routes.ts';
export { addExampleFeed, removeExampleFeeds } from './example-feed.ts';
export type { FeedReading, NotAFeed } from './feed-reading.ts';
export { listDueFeeds, listFeeds, lockContent } from './feeds.repository.ts';
export { pollFeed } from './poll-feed.ts';
export { readFeed } from './read-feed.ts';
