export { forgetPerson } from './forget-person.ts';
export type { ForgetReason } from './forget-person.ts';
