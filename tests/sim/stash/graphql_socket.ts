/** GraphQL over one WebSocket, subprotocol graphql-transport-ws. */
import { execute, type ExecutionResult, subscribe } from "graphql";
import type { Asked } from "./asked.ts";
import { checkOperation, type GraphqlHost, paramsOf } from "./graphql_http.ts";

export const GRAPHQL_TRANSPORT = "graphql-transport-ws";

/** Close code of RFC 6455 for what the protocol does not allow. */
const PROTOCOL_ERROR = 1002;

/** The connection as the protocol needs it. */
export interface TextSocket {
  sendText(text: string): void;
  close(code: number, reason: string): void;
}

interface Message {
  id: string;
  type: string;
  payload: unknown;
}

export class GraphqlSocket {
  readonly #host: GraphqlHost;
  readonly #asked: Asked;
  readonly #socket: TextSocket;
  readonly #running = new Map<string, AsyncGenerator<ExecutionResult>>();
  #ready = false;

  /** @param asked Its signal is aborted with the connection; authentication is done already */
  constructor(host: GraphqlHost, asked: Asked, socket: TextSocket) {
    this.#host = host;
    this.#asked = asked;
    this.#socket = socket;
    asked.signal.addEventListener("abort", () => this.#stopAll());
  }

  receive(text: string): void {
    const message = parse(text);
    if (message === undefined) return this.#socket.close(PROTOCOL_ERROR, "decoding error");
    const { id, type, payload } = message;
    if (!this.#ready && type !== "connection_init") {
      return this.#socket.close(PROTOCOL_ERROR, "unexpected message");
    }
    switch (type) {
      case "connection_init":
        this.#ready = true; // the payload is not looked at, and there is no time limit either
        return this.#send({ type: "connection_ack" });
      case "ping":
        return this.#send({ type: "pong" });
      case "pong":
        return;
      case "subscribe":
        return void this.#run(id, payload as Record<string, unknown>);
      case "complete":
        return void this.#running.get(id)?.return(undefined);
      default:
        this.#socket.close(PROTOCOL_ERROR, "unexpected message");
    }
  }

  async #run(id: string, payload: Record<string, unknown>): Promise<void> {
    const params = paramsOf(payload ?? {});
    const checked = checkOperation(this.#host.schema, params);
    if ("errors" in checked) return this.#fail(id, checked.errors);
    const args = {
      schema: this.#host.schema,
      document: checked.document,
      rootValue: this.#host.root,
      contextValue: this.#asked,
      variableValues: params.variables,
      operationName: params.operationName,
    };
    const result = checked.operation.operation === "subscription"
      ? await subscribe(args)
      : await execute(args);
    if (!(Symbol.asyncIterator in result)) {
      if (result.data == null) return this.#fail(id, result.errors ?? []);
      this.#next(id, result);
    } else {
      await this.#forward(id, result as AsyncGenerator<ExecutionResult>);
    }
    this.#send({ id, type: "complete" });
  }

  async #forward(id: string, events: AsyncGenerator<ExecutionResult>): Promise<void> {
    if (this.#asked.signal.aborted) return void await events.return(undefined);
    this.#running.set(id, events);
    for await (const event of events) this.#next(id, event);
    this.#running.delete(id);
  }

  #next(id: string, { data, errors }: ExecutionResult): void {
    this.#send({ id, type: "next", payload: errors === undefined ? { data } : { errors, data } });
  }

  #fail(id: string, errors: readonly unknown[]): void {
    this.#send({ id, type: "error", payload: errors });
    this.#send({ id, type: "complete" }); // not in the protocol's text, but Stash sends it
  }

  #send(message: { id?: string; type: string; payload?: unknown }): void {
    this.#socket.sendText(JSON.stringify(message));
  }

  #stopAll(): void {
    for (const events of this.#running.values()) void events.return(undefined);
  }
}

function parse(text: string): Message | undefined {
  try {
    const { id, type, payload } = JSON.parse(text);
    return typeof type === "string" ? { id: String(id ?? ""), type, payload } : undefined;
  } catch {
    return undefined;
  }
}
