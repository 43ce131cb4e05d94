/** Tiny valid pictures, so that covers are real images without any image file in the tree. */
import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * An 8-bit RGB picture as PNG.
 * @param pixel colour (0xRRGGBB) of the pixel in column x, row y
 */
export function encodePng(
  width: number,
  height: number,
  pixel: (x: number, y: number) => number,
): Uint8Array {
  const stride = 1 + width * 3; // one filter byte (0: none) before each row
  const raw = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) raw.writeUIntBE(pixel(x, y), y * stride + 1 + x * 3, 3);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // depth 8, RGB, deflate, standard filters, not interlaced
  return Buffer.concat([
    Buffer.from(SIGNATURE),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(raw)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/**
 * The cover of one scene: 32 x 18 stripes. The number is written into the
 * colours of the first row, so no two numbers give the same bytes.
 * @param number 0 to 2^48 - 1
 */
export function coverPng(number: number): Uint8Array {
  const high = Math.floor(number / 0x1000000) % 0x1000000;
  const low = number % 0x1000000;
  const mixed = Math.imul(number + 1, 0x9e3779b1) >>> 0;
  const [light, dark] = [mixed & 0xffffff, (mixed >>> 8) & 0x7f7f7f];
  const width = 2 + (mixed >>> 28);
  return encodePng(32, 18, (x, y) => {
    if (y === 0) return x % 2 === 0 ? low : high;
    return Math.floor((x + y) / width) % 2 === 0 ? light : dark;
  });
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
