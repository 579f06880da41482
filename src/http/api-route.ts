import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Actor, Scope } from '../shared/actor.ts';

/** `public`: anybody, no cookie is read; `session`: anybody, and the route itself reads or sets the session cookie; else a scope. */
export type Access = 'public' | 'session' | Scope;

interface RouteInput<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Undefined only on public routes. */
  readonly actor: Actor | undefined;
  readonly req: Request;
  readonly res: Response;
}

/**
 * One operation under /api/v1. Deny by default: a route without an access does not compile, and createApp refuses
 * requests that lack it before the handler runs. All input passes the schemas; unknown keys are refused by them.
 */
export interface ApiRoute {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Express path below /api/v1, e.g. `/campaigns/:id`. */
  readonly path: string;
  readonly access: Access;
  readonly summary: string;
  readonly params: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  /** The status of success; 204 sends no body. */
  readonly status: number;
  /** Pages of the sites that an admin named may call it from a browser (src/http/cross-origin.ts). Only for public ones. */
  readonly crossOrigin?: boolean | undefined;
  readonly handle: (input: RouteInput<unknown, unknown, unknown>) => Promise<unknown>;
}

interface ApiRouteDefinition<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly method: ApiRoute['method'];
  readonly path: string;
  readonly access: Access;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly status?: number;
  readonly crossOrigin?: boolean;
  readonly handle: (input: RouteInput<z.infer<P>, z.infer<Q>, z.infer<B>>) => Promise<unknown>;
}

/** Ties the handler's input types to the schemas. What the handler returns becomes the JSON body. */
export function apiRoute<
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
>(definition: ApiRouteDefinition<P, Q, B>): ApiRoute {
  return {
    ...definition,
    params: definition.params,
    query: definition.query,
    body: definition.body,
    status: definition.status ?? 200,
    handle: definition.handle as ApiRoute['handle'],
  };
}
