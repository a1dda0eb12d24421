// Vite for the merchants' dashboard: static files in web/dashboard/dist, served by the API server under an origin of their
// own. `npx vite -c dashboard.config.ts` serves it on 5174 with hot reload; the proxy gives the API beside it.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const apiUrl = process.env.LATCHKEY_API_URL ?? 'http://localhost:3000';

export default defineConfig({
  root: `${import.meta.dirname}/src/dashboard`,
  publicDir: '../../public',
  cacheDir: '../../../node_modules/.vite-dashboard',
  plugins: [react()],
  server: {
    port: 5174,
    strictPort: true,
    proxy: { '/v1': apiUrl, '/dev': apiUrl },
  },
  build: { outDir: '../../dashboard/dist', emptyOutDir: true, target: 'es2022', sourcemap: true },
});
