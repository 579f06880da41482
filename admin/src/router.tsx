import { createBrowserRouter } from 'react-router';
import type { RouteObject } from 'react-router';
import { OneMoment } from './parts/one-moment.tsx';
import { PageMissing } from './parts/page-missing.tsx';
import { RoomFailure } from './parts/room-failure.tsx';
import { Shell } from './shell.tsx';

/** One chunk per room. */
const rooms: RouteObject[] = [
  { index: true, lazy: async () => ({ Component: (await import('./rooms/home/home-room.tsx')).HomeRoom }) },
  {
    path: 'newsletters',
    lazy: async () => ({ Component: (await import('./rooms/newsletters/newsletters-room.tsx')).NewslettersRoom }),
  },
  {
    path: 'newsletters/:id/issues/:issueId',
    lazy: async () => ({ Component: (await import('./rooms/newsletters/issue-room.tsx')).IssueRoom }),
  },
  {
    path: 'newsletters/:id/:tab?',
    lazy: async () => ({ Component: (await import('./rooms/newsletters/newsletter-room.tsx')).NewsletterRoom }),
  },
  {
    path: 'subscribers',
    lazy: async () => ({ Component: (await import('./rooms/subscribers/subscribers-room.tsx')).SubscribersRoom }),
  },
  {
    path: 'subscribers/closed',
    lazy: async () => ({ Component: (await import('./rooms/subscribers/suppressions-room.tsx')).SuppressionsRoom }),
  },
  {
    path: 'subscribers/:id',
    lazy: async () => ({ Component: (await import('./rooms/subscribers/subscriber-room.tsx')).SubscriberRoom }),
  },
  {
    path: 'campaigns',
    lazy: async () => ({ Component: (await import('./rooms/campaigns/campaigns-room.tsx')).CampaignsRoom }),
  },
  {
    path: 'campaigns/:id',
    lazy: async () => ({ Component: (await import('./rooms/campaigns/campaign-room.tsx')).CampaignRoom }),
  },
  {
    path: 'campaigns/:id/recipients',
    lazy: async () => ({ Component: (await import('./rooms/campaigns/recipients-room.tsx')).RecipientsRoom }),
  },
  {
    path: 'settings/legal/versions/:id',
    lazy: async () => ({ Component: (await import('./rooms/settings/legal-version-room.tsx')).LegalVersionRoom }),
  },
  {
    path: 'settings/legal/:kind/:locale',
    lazy: async () => ({ Component: (await import('./rooms/settings/legal-draft-room.tsx')).LegalDraftRoom }),
  },
  {
    path: 'settings/:tab?',
    lazy: async () => ({ Component: (await import('./rooms/settings/settings-room.tsx')).SettingsRoom }),
  },
  { path: '*', Component: PageMissing },
];

export function createAdminRouter(): ReturnType<typeof createBrowserRouter> {
  return createBrowserRouter(
    [
      {
        path: 'setup',
        ErrorBoundary: RoomFailure,
        HydrateFallback: OneMoment,
        lazy: async () => ({ Component: (await import('./rooms/entry/set-up-room.tsx')).SetUpRoom }),
      },
      {
        path: 'login',
        ErrorBoundary: RoomFailure,
        HydrateFallback: OneMoment,
        lazy: async () => ({ Component: (await import('./rooms/entry/log-in-room.tsx')).LogInRoom }),
      },
      { path: '/', Component: Shell, ErrorBoundary: RoomFailure, HydrateFallback: OneMoment, children: rooms },
    ],
    { basename: '/admin' },
  );
}
