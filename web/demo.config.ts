// Vite for the demo page: static files in web/demo/dist that any host can serve, under any path. Apart from the wallet's
// build, which has no use for a network's engine. `npx vite -c demo.config.ts` serves it while working on it.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: `${import.meta.dirname}/src/demo`,
  publicDir: '../../public',
  base: './',
  cacheDir: '../../../node_modules/.vite-demo',
  plugins: [react()],
  worker: { format: 'es' },
  server: { port: 5175, strictPort: true },
  build: { outDir: '../../demo/dist', emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 1_500 },
});
