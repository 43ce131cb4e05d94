/** WebSocket frames (RFC 6455) as a client needs them: small ones out, bounded ones in. */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A whole message, or a control frame. */
export interface Message {
  opcode: number;
  payload: Uint8Array;
}

/** The peer broke the protocol or a bound; the message is a predicate. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/**
 * A control frame from the client.
 * @param payload At most 125 bytes
 * @param mask 4 random bytes: a client's frames are masked always
 */
export function controlFrame(
  opcode: number,
  payload: Uint8Array,
  mask: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(6 + payload.length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | payload.length;
  frame.set(mask, 2);
  for (let i = 0; i < payload.length; i++) frame[6 + i] = payload[i]! ^ mask[i % 4]!;
  return frame;
}

/** Puts frames together from the pieces in which the network brings them. */
export class FrameReader {
  #bytes: Uint8Array = new Uint8Array();
  #parts: Uint8Array[] = [];
  #partsLength = 0;
  #opcode = 0;

  /** @param maxBytes Longest message */
  constructor(private readonly maxBytes: number) {}

  /**
   * The messages that are whole with this piece.
   * @throws {FrameError} the connection cannot be used any further
   */
  push(piece: Uint8Array): Message[] {
    this.#bytes = this.#bytes.length === 0 ? piece : joined([this.#bytes, piece]);
    const messages: Message[] = [];
    for (let frame = this.#take(); frame !== null; frame = this.#take()) {
      const message = this.#assemble(frame);
      if (message !== null) messages.push(message);
    }
    return messages;
  }

  #take(): (Message & { final: boolean }) | null {
    const bytes = this.#bytes;
    if (bytes.length < 2) return null;
    const opcode = bytes[0]! & 0x0f;
    // No extension is asked for, and a server must not mask.
    if ((bytes[0]! & 0x70) !== 0 || (bytes[1]! & 0x80) !== 0) {
      throw new FrameError("sent a frame that is no WebSocket frame");
    }
    const short = bytes[1]! & 0x7f;
    const start = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length < start) return null;
    const view = new DataView(bytes.buffer, bytes.byteOffset, start);
    const length = short === 126
      ? view.getUint16(2)
      : short === 127
      ? Number(view.getBigUint64(2))
      : short;
    const before = isControl(opcode) ? 0 : this.#partsLength;
    if (before + length > this.maxBytes) {
      throw new FrameError(`sent a message of more than ${Math.floor(this.maxBytes / 1024)} KiB`);
    }
    if (bytes.length < start + length) return null;
    this.#bytes = bytes.subarray(start + length);
    const payload = bytes.subarray(start, start + length);
    return { opcode, payload, final: (bytes[0]! & 0x80) !== 0 };
  }

  /** Control frames may come between the parts of a message. */
  #assemble(frame: Message & { final: boolean }): Message | null {
    const { opcode, payload, final } = frame;
    if (isControl(opcode)) {
      if (payload.length > 125) throw new FrameError("sent a control frame that is too long");
      return { opcode, payload };
    }
    if (opcode !== OPCODE.continuation) this.#opcode = opcode;
    // Empty ones would make a list without end out of no bytes at all.
    if (payload.length > 0) this.#parts.push(payload);
    this.#partsLength += payload.length;
    if (!final) return null;
    const whole = { opcode: this.#opcode, payload: joined(this.#parts) };
    this.#parts = [];
    this.#partsLength = 0;
    return whole;
  }
}

function isControl(opcode: number): boolean {
  return opcode >= OPCODE.close;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
