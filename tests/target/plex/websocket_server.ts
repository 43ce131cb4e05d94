import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface SocketServer extends AsyncDisposable {
  url: string;
}

/** A server that takes every upgrade and leaves the rest to the test, byte by byte. */
export async function serveSocket(
  act: (socket: Socket, request: IncomingMessage) => void,
  accept?: string,
): Promise<SocketServer> {
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on("upgrade", (request: IncomingMessage, socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    const right = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept ?? right.digest("base64")}\r\n\r\n`,
    );
    act(socket, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame as a server sends it: not masked. */
export function serverFrame(opcode: number, payload: string, final = true): Uint8Array {
  const bytes = new TextEncoder().encode(payload);
  const { length } = bytes;
  const head = length < 126
    ? [length]
    : length < 65_536
    ? [126, length >> 8, length & 0xff]
    : [127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff];
  const frame = new Uint8Array(1 + head.length + length);
  frame.set([(final ? 0x80 : 0) | opcode, ...head]);
  frame.set(bytes, 1 + head.length);
  return frame;
}
