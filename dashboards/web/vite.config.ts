import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  // The server puts a fresh nonce in its place with every page, and the same one into the policy's header.
  html: { cspNonce: '__CSP_NONCE__' },
  // Styles stand beside the component they serve: `.alert-row` in AlertRows.module.css is `css.alertRow`.
  css: { modules: { localsConvention: 'camelCase', generateScopedName: '[local]_[hash:base64:5]' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules[\\/](react|react-dom|react-router|scheduler)[\\/]/ },
            {
              name: 'live',
              test: /node_modules[\\/](socket\.io-client|engine\.io-client|socket\.io-parser|@tanstack[\\/](?:query-core|react-query))[\\/]/,
            },
          ],
        },
      },
    },
  },
});
