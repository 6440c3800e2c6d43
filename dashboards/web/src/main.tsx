// Only what the page uses, in the library's own order: its whole sheet is eight times as large.
import './theme/mantine.css';
import './theme/ground.css';
import './theme/blocks.css';
import './theme/controls.css';
import './theme/tables.css';
import './parts/marks.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { AnswerError } from './ask.ts';
import { Broken } from './frame/Broken.tsx';
import { Frame } from './frame/Frame.tsx';
import { lone, routes } from './routes.tsx';
import { cssVariables, theme } from './theme/theme.ts';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the server refused it refuses again; what did not reach it is worth another try.
      retry: (failures, error) => !(error instanceof AnswerError && error.status < 500) && failures < 3,
      refetchOnWindowFocus: true,
      // Without a network the screen says so, instead of waiting for one.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

const router = createBrowserRouter([
  { errorElement: <Broken />, hydrateFallbackElement: <></>, children: lone },
  { path: '/', element: <Frame />, errorElement: <Broken />, hydrateFallbackElement: <></>, children: routes },
]);
const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
