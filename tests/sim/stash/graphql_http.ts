/** GraphQL over HTTP as gqlgen does it inside Stash. */
import {
  type DocumentNode,
  execute,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from "graphql";
import type { Asked } from "./asked.ts";
import { answer, baseUrlOf, type HttpAnswer, type HttpRequest } from "./http.ts";
import { atLeast, type StashVersion } from "./schema.ts";

const JSON_TYPE = "application/json";
const GRAPHQL_TYPE = "application/graphql-response+json";

export interface Params {
  query: string;
  variables: Record<string, unknown>;
  operationName: string | undefined;
}

export interface GraphqlHost {
  schema: GraphQLSchema;
  version: StashVersion;
  root: unknown;
}

/**
 * Answers one request to `/graphql`, whatever its method.
 * @param visits Hooks that led to the request
 */
export async function answerGraphql(
  host: GraphqlHost,
  request: HttpRequest,
  visits: Asked["visits"],
): Promise<HttpAnswer> {
  const type = contentTypeFor(host.version, request.header("accept"));
  const reply = (status: number, errors: unknown[] | undefined, data: unknown) =>
    answer(status, JSON.stringify(errors === undefined ? { data } : { errors, data }), {
      "Content-Type": type,
    });
  const refuse = (status: number, message: string) => reply(status, [{ message }], null);
  const params = readParams(request);
  if (typeof params === "string") return refuse(400, params);

  const checked = checkOperation(host.schema, params);
  if ("errors" in checked) {
    return reply(type === JSON_TYPE ? 422 : 400, checked.errors, null);
  }
  if (request.method === "GET" && checked.operation.operation !== "query") {
    return refuse(406, "GET requests only allow query operations");
  }
  if (checked.operation.operation === "subscription") {
    return refuse(400, "subscriptions need a WebSocket");
  }
  const asked: Asked = { baseUrl: baseUrlOf(request), signal: request.signal, visits };
  const result = await execute({
    schema: host.schema,
    document: checked.document,
    rootValue: host.root,
    contextValue: asked,
    variableValues: params.variables,
    operationName: params.operationName,
  });
  const errors = result.errors?.map(({ message, path }) => ({ message, path }));
  return reply(200, errors, result.data ?? null);
}

/** Name of the operation, or its first field when it has none; undefined for what is no GraphQL. */
export function operationLabel(request: HttpRequest): string | undefined {
  if (request.path !== "/graphql") return undefined;
  const params = readParams(request);
  if (typeof params === "string") return undefined;
  try {
    const operation = getOperationAST(parse(params.query), params.operationName);
    const first = operation?.selectionSet.selections[0];
    return operation?.name?.value ?? (first?.kind === Kind.FIELD ? first.name.value : undefined);
  } catch {
    return undefined;
  }
}

/** @returns the parameters, or the reason for a 400 */
export function readParams(request: HttpRequest): Params | string {
  if (request.method === "GET") {
    const variables = request.query.get("variables");
    try {
      return {
        query: request.query.get("query") ?? "",
        variables: variables ? JSON.parse(variables) : {},
        operationName: request.query.get("operationName") || undefined,
      };
    } catch {
      return "variables could not be decoded";
    }
  }
  const type = (request.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (request.method !== "POST" || type !== JSON_TYPE) return "transport not supported";
  try {
    const body: unknown = JSON.parse(request.body.toString());
    if (typeof body !== "object" || body === null || Array.isArray(body)) throw new TypeError();
    return paramsOf(body as Record<string, unknown>);
  } catch {
    return "json request body could not be decoded";
  }
}

/** Body of a request, or payload of a message on a WebSocket. */
export function paramsOf({ query, variables, operationName }: Record<string, unknown>): Params {
  return {
    query: typeof query === "string" ? query : "",
    variables: (variables ?? {}) as Params["variables"],
    operationName: typeof operationName === "string" && operationName !== ""
      ? operationName
      : undefined,
  };
}

/** Since v0.29 the first accepted type decides, and no preference means the newer one. */
function contentTypeFor(version: StashVersion, accept: string | undefined): string {
  if (!atLeast(version, "0.29")) return JSON_TYPE;
  for (const part of (accept ?? "").split(",")) {
    const type = part.split(";")[0]?.trim().toLowerCase();
    if (type === JSON_TYPE) return JSON_TYPE;
    if (type === "*/*" || type === "application/*" || type === GRAPHQL_TYPE) return GRAPHQL_TYPE;
  }
  return GRAPHQL_TYPE;
}

export type Checked =
  | { document: DocumentNode; operation: OperationDefinitionNode }
  | { errors: unknown[] };

/** @returns the operation to run, or errors in the form that clients see */
export function checkOperation(schema: GraphQLSchema, params: Params): Checked {
  let document: DocumentNode;
  try {
    document = parse(params.query);
  } catch (cause) {
    return { errors: [protocolError(cause as GraphQLError, "GRAPHQL_PARSE_FAILED")] };
  }
  const invalid = (errors: readonly GraphQLError[]): Checked => ({
    errors: errors.map((error) => protocolError(error, "GRAPHQL_VALIDATION_FAILED")),
  });
  const errors = validate(schema, document);
  if (errors.length > 0) return invalid(errors);
  const operation = getOperationAST(document, params.operationName);
  if (operation == null) {
    return invalid([new GraphQLError(`operation ${params.operationName ?? ""} not found`)]);
  }
  const values = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    params.variables,
  );
  return values.errors === undefined ? { document, operation } : invalid(values.errors);
}

function protocolError({ message, locations }: GraphQLError, code: string) {
  return { message, locations, extensions: { code } };
}
