import type { IncomingMessage } from "node:http";

/**
 * The body of a request, read no faster than it is taken. Node's own conversion cuts the connection
 * when the reader cancels: no answer could be sent any more.
 */
export function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array> {
  let isOver = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const once = (act: () => void) => () => {
        if (!isOver) act();
        isOver = true;
      };
      message.on("data", (chunk: Uint8Array) => {
        // After a cancellation it is only thrown away.
        if (isOver) return;
        controller.enqueue(chunk);
        message.pause();
      });
      message.on("end", once(() => controller.close()));
      const cut = once(() => controller.error(new Error("The request was cut off")));
      message.on("error", cut);
      message.on("close", cut);
      message.pause();
    },
    pull() {
      message.resume();
    },
    cancel() {
      isOver = true;
    },
  }, { highWaterMark: 0 });
}
