import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { createQueryClient } from './query-client.ts';
import { createAdminRouter } from './router.tsx';
import { pageNonce } from './page-nonce.ts';
import { ignoreDoubleClicks } from './single-click.ts';
import { resolveVariables, theme } from './theme.ts';

const root = document.getElementById('root');
if (root === null) {
  throw new Error('index.html has no #root');
}
ignoreDoubleClicks(document);
const queryClient = createQueryClient();
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolveVariables}
      defaultColorScheme="auto"
      getStyleNonce={pageNonce}
    >
      <QueryClientProvider client={queryClient}>
        <Notifications position="bottom-center" autoClose={5000} />
        <RouterProvider router={createAdminRouter()} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
