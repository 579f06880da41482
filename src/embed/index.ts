export { embedPages } from './embed-script.routes.ts';
export { formCodeRoutes } from './form-code.routes.ts';
export { signupFormRoutes } from './signup-form.routes.ts';
export { createSignupOrigins } from './signup-origins.ts';
export type { SignupOrigins } from './signup-origins.ts';
export { signupOriginsRoutes } from './signup-origins.routes.ts';
