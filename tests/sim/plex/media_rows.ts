/** Media, Part and Stream rows. */
import type { SimMedia, SimPart } from "./model.ts";
import { baseName } from "./paths.ts";
import type { RowOptions } from "./rows.ts";
import type { Row } from "./wire.ts";
import type { World } from "./world.ts";

/** One version of an item; the technical values are those of any 1080p file. */
export function mediaRow(world: World, media: SimMedia, options: RowOptions): Row {
  const durationMs = durationOf(media);
  const bytes = total(media.parts.map((part) => part.size));
  return {
    id: media.id,
    duration: durationMs,
    bitrate: durationMs && bytes ? Math.round(bytes * 8 / durationMs) : undefined,
    width: 1920,
    height: 1080,
    aspectRatio: 1.78,
    audioChannels: 2,
    audioCodec: "aac",
    videoCodec: "h264",
    videoResolution: "1080",
    container: extension(media.parts[0]?.file ?? ""),
    videoFrameRate: "24p",
    videoProfile: "high",
    deletedAt: media.deletedAt,
    ...(media.optimized && { proxyType: 42, target: "Mobile", title: "Optimized for Mobile" }),
    Part: media.parts.map((part) => partRow(world, part, options)),
  };
}

/** Milliseconds over all parts; undefined while one of them is unknown. */
export function durationOf(media: SimMedia | undefined): number | undefined {
  return media && total(media.parts.map((part) => part.durationMs));
}

function total(numbers: readonly (number | undefined)[]): number | undefined {
  return numbers.reduce(
    (sum, one) => sum === undefined || one === undefined ? undefined : sum + one,
    0,
  );
}

function partRow(world: World, part: SimPart, options: RowOptions): Row {
  const exists = world.library.disk.has(part.file);
  return {
    id: part.id,
    key: `/library/parts/${part.id}/${world.startedAt}/file.${extension(part.file)}`,
    duration: part.durationMs,
    file: part.file,
    size: part.size,
    container: extension(part.file),
    ...(options.checkFiles && { accessible: exists, exists }),
    Stream: options.detail
      ? [
        { id: part.id * 2, streamType: 1, index: 0, codec: "h264", width: 1920, height: 1080 },
        { id: part.id * 2 + 1, streamType: 2, index: 1, codec: "aac", channels: 2 },
      ]
      : [],
  };
}

function extension(path: string): string {
  const name = baseName(path);
  return name.includes(".") ? name.slice(name.lastIndexOf(".") + 1).toLowerCase() : "";
}
