// Vite for the web wallet: development server on 5173, production bundle in web/dist.
// The bundle is served by the API server from its own origin, so the app only ever uses relative URLs;
// in development the proxy below gives the same picture.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const apiUrl = process.env.LATCHKEY_API_URL ?? 'http://localhost:3000';

export default defineConfig({
  root: import.meta.dirname,
  cacheDir: '../node_modules/.vite',
  plugins: [react()],
  server: {
    port: 5173,
    strictPort: true,
    proxy: { '/api': apiUrl, '/dev': apiUrl },
    warmup: { clientFiles: ['./src/wallet/main.tsx'] },
  },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', sourcemap: true },
});
