import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import type { ProxyOptions } from 'vite'
import { defineConfig } from 'vite'

/** Where `npm run dev:web` sends what it does not serve itself: a `bullion serve`. */
const server = 'http://127.0.0.1:4000'

/** It answers pages of its own alone: what comes through here says that it is one. */
const proxied: ProxyOptions = {
  target: server,
  changeOrigin: true,
  configure: (proxy) =>
    proxy.on('proxyReq', (request) => {
      if (request.hasHeader('origin')) request.setHeader('origin', server)
    }),
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwind()],
  // The server writes a new nonce in its place each time it sends the page; `meta[property=csp-nonce]` bears it.
  html: { cspNonce: '__CSP_NONCE__' },
  build: { outDir: '../dist/web-ui', emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0 },
  server: { host: '127.0.0.1', proxy: { '/api': proxied, '/login': proxied, '/door.css': proxied } },
})
