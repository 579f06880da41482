import { defineConfig } from 'vite';

/**
 * Two files, each whole in itself, since each is fetched from pages of other people: `embed.js`, which every such page loads, and
 * (`--mode challenge`) `embed-challenge.js`, which is loaded when a proof of work is asked for. The first is no module, so that an
 * ordinary script tag runs it.
 */
export default defineConfig(({ mode }) => {
  const isChallenge = mode === 'challenge';
  return {
    root: import.meta.dirname,
    publicDir: false,
    build: {
      outDir: 'dist',
      // Each run writes one file and leaves the other.
      emptyOutDir: false,
      target: 'es2022',
      // light-dark() stays as it is: style.css has plain colours for browsers without it.
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      modulePreload: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: isChallenge ? 'src/embed-challenge.ts' : 'src/embed.ts',
        ...(isChallenge ? { preserveEntrySignatures: 'strict' as const } : {}),
        output: { format: isChallenge ? 'es' : 'iife', entryFileNames: '[name].js' },
      },
    },
  };
});
