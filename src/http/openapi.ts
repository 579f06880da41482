import { z } from 'zod';
import type { ApiRoute } from './api-route.ts';

type Schema = Readonly<Record<string, unknown>>;

/** OpenAPI 3.1 description, derived from the same schemas that check the requests. */
export function describeApi(routes: readonly ApiRoute[], publicUrl: string): Schema {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const route of routes) {
    const path = `/api/v1${route.path.replaceAll(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [route.method]: describeOperation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Courant', version: '1' },
    servers: [{ url: publicUrl }],
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'session' },
      },
      schemas: { Problem: PROBLEM },
    },
    paths,
  };
}

const PROBLEM: Schema = {
  type: 'object',
  description: 'RFC 9457 problem document. Branch on `code`.',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    detail: { type: 'string' },
    errors: { type: 'array', items: { type: 'object' } },
  },
};

function describeOperation(route: ApiRoute): Schema {
  const isOpen = route.access === 'public' || route.access === 'session';
  return {
    summary: route.summary,
    ...(isOpen ? { security: [] } : { security: [{ token: [] }, { session: [] }], 'x-scope': route.access }),
    parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')],
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: toJsonSchema(route.body) } } } }),
    responses: {
      [route.status]: { description: 'Done' },
      default: {
        description: 'Problem',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): readonly Schema[] {
  const described = schema === undefined ? {} : toJsonSchema(schema);
  const properties = (described['properties'] ?? {}) as Record<string, Schema>;
  const required = (described['required'] ?? []) as readonly string[];
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function toJsonSchema(schema: z.ZodType): Schema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}
