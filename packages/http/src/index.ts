export { buildServer, type Log, type Server, type ServerOptions } from './server.ts'
export type { Face } from './mount.ts'
export type { SecurityScheme } from './openapi.ts'
export { problemAnswer } from './problem-answers.ts'
export {
  bytes,
  noContent,
  routesFor,
  type Answer,
  type AnswerShape,
  type Bytes,
  type Incoming,
  type Method,
  type NoContent,
  type Principal,
  type Route,
} from './route.ts'
