import './theme.css'
import './kit/nonce.ts'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { Tooltip } from 'radix-ui'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Refused } from './api/ask.ts'
import { LiveProvider } from './api/live.tsx'
import { router } from './routes.tsx'
import { places } from './shell/places.ts'

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // The stream of changes says when an answer is old.
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) =>
        failures < 2 && !(error instanceof Refused && error.status >= 400 && error.status < 500),
    },
  },
})

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <Tooltip.Provider delayDuration={250}>
        <LiveProvider>
          <RouterProvider router={router} />
        </LiveProvider>
      </Tooltip.Provider>
    </QueryClientProvider>
  </StrictMode>,
)

// Once the first page is there and nothing else is to be done, the others are fetched one by one, to be there at once.
const whenIdle = window.requestIdleCallback ?? ((act: () => void) => setTimeout(act, 500))
whenIdle(async () => {
  for (const { to } of places) await router.preloadRoute({ to })
})
