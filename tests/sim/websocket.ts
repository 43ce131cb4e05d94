/** The server's side of RFC 6455, as much as the simulated servers need. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const OP_TEXT = 1;
const OP_CLOSE = 8;
const OP_PING = 9;
const OP_PONG = 10;
/** Clients send control frames and short requests here; more than this is an attack or a bug. */
const MAX_BUFFERED = 1 << 20;

/** What becomes of what a client does. */
export interface SocketEvents {
  onGone: () => void;
  /** A whole text message; fragmented ones are not understood and end the connection. */
  onText?: (text: string) => void;
  /** False imitates a half-open connection: no control frame is answered. */
  answersPings?: () => boolean;
}

/** One connected client. */
export class ServerSocket {
  #buffer: Buffer = Buffer.alloc(0);
  #socket: Duplex;

  constructor(socket: Duplex, events: SocketEvents) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#read(chunk, events));
    socket.on("error", () => socket.destroy());
    socket.on("close", events.onGone);
  }

  sendText(text: string): void {
    this.#write(OP_TEXT, Buffer.from(text));
  }

  /** Ends the connection with a code and a reason (RFC 6455, 7.4). */
  close(code: number, reason: string): void {
    const payload = Buffer.from(`  ${reason}`);
    payload.writeUInt16BE(code);
    this.#write(OP_CLOSE, payload);
    this.#socket.end();
  }

  /** Cuts the connection without a closing frame. */
  destroy(): void {
    this.#socket.destroy();
  }

  #write(opcode: number, payload: Buffer): void {
    if (!this.#socket.destroyed) {
      this.#socket.write(Buffer.concat([header(opcode, payload.length), payload]));
    }
  }

  #read(chunk: Buffer, { onText, answersPings }: SocketEvents): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    if (this.#buffer.length > MAX_BUFFERED) return this.destroy();
    for (let frame = takeFrame(this.#buffer); frame; frame = takeFrame(this.#buffer)) {
      this.#buffer = frame.rest;
      if (answersPings?.() === false) continue;
      if (frame.fragment) return this.close(1003, "fragments are not understood");
      if (frame.opcode === OP_TEXT) onText?.(frame.payload.toString());
      if (frame.opcode === OP_PING) this.#write(OP_PONG, frame.payload);
      if (frame.opcode === OP_CLOSE) {
        this.#write(OP_CLOSE, frame.payload);
        this.#socket.end();
      }
    }
  }
}

/**
 * Answers the upgrade; undefined (and a closed socket) when it is no WebSocket request.
 * @param protocol Subprotocol to agree to, one of those offered
 */
export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  events: SocketEvents,
  protocol?: string,
): ServerSocket | undefined {
  const key = request.headers["sec-websocket-key"];
  if (key === undefined || request.headers.upgrade?.toLowerCase() !== "websocket") {
    socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    return undefined;
  }
  const accept = createHash("sha1").update(key + ACCEPT_GUID).digest("base64");
  const agreed = protocol === undefined ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`;
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n${agreed}\r\n`,
  );
  return new ServerSocket(socket, events);
}

function header(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | opcode, length]);
  if (length < 65536) {
    const bytes = Buffer.from([0x80 | opcode, 126, 0, 0]);
    bytes.writeUInt16BE(length, 2);
    return bytes;
  }
  const bytes = Buffer.alloc(10);
  bytes[0] = 0x80 | opcode;
  bytes[1] = 127;
  bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

interface Frame {
  opcode: number;
  /** It is a part of a message only. */
  fragment: boolean;
  payload: Buffer;
  rest: Buffer;
}

/** The first whole frame of a client (always masked), or undefined. */
function takeFrame(buffer: Buffer): Frame | undefined {
  if (buffer.length < 2) return undefined;
  let length = buffer.readUInt8(1) & 0x7f;
  let at = 2;
  if (length === 126) {
    if (buffer.length < 4) return undefined;
    length = buffer.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (buffer.length < 10) return undefined;
    length = Number(buffer.readBigUInt64BE(2));
    at = 10;
  }
  const masked = (buffer.readUInt8(1) & 0x80) !== 0;
  const mask = masked ? buffer.subarray(at, at + 4) : Buffer.alloc(4);
  if (masked) at += 4;
  if (buffer.length < at + length) return undefined;
  const payload = Buffer.from(buffer.subarray(at, at + length));
  for (let i = 0; i < length; i++) {
    payload.writeUInt8(payload.readUInt8(i) ^ mask.readUInt8(i % 4), i);
  }
  const first = buffer.readUInt8(0);
  const opcode = first & 0x0f;
  const fragment = (first & 0x80) === 0 || opcode === 0;
  return { opcode, fragment, payload, rest: buffer.subarray(at + length) };
}
