/** What a person does to an item in random histories, in Plex or in the second target. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import type { ImageField, ListField, TextField } from "../../../src/core/sync/fields.ts";
import { type Item, type Name, NO_EDIT } from "../../../src/core/sync/item.ts";
import type { Image, Target } from "../../../src/target/target.ts";
import type { Rig } from "../rig.ts";
import { ask, edit } from "./undo_rig.ts";

export type Personal =
  | { kind: "text"; field: TextField; value: string; lock: boolean }
  | { kind: "names"; field: ListField; names: readonly Name[] }
  | { kind: "stars"; stars: number }
  /** Uploads one of theirs, or chooses one that the item has. */
  | { kind: "image"; field: ImageField; pick: number; isTheirs: boolean; lock: boolean };

const text = <F extends TextField>(field: F, ...values: string[]) =>
  fc.record({
    kind: fc.constant("text" as const),
    field: fc.constant(field),
    value: fc.constantFrom(...values),
    lock: fc.boolean(),
  });

const names = fc.uniqueArray(fc.constantFrom("One", "Two", "Mine", "Works"), { maxLength: 3 })
  .map((list) => list.map((name): Name => ({ name })));
const people = fc.uniqueArray(
  fc.record({ name: fc.constantFrom("One", "Ann", "Mine"), role: fc.constantFrom("", "Hero") }),
  { maxLength: 3, selector: ({ name }) => name },
).map((list) => list.map(({ name, role }): Name => role === "" ? { name } : { name, role }));

/** A person's choice of an image. */
export const choice = fc.record({
  kind: fc.constant("image" as const),
  field: fc.constantFrom("poster" as const, "background" as const),
  pick: fc.nat(3),
  isTheirs: fc.boolean(),
  lock: fc.boolean(),
});

/** A person's edit. */
export const personal: fc.Arbitrary<Personal> = fc.oneof(
  text("title", "A", "Mine"),
  text("studio", "A", "Mine"),
  text("summary", "", "A", "Mine"),
  text("tagline", "", "A", "Mine"),
  text("date", "2020-01-02", "1999-09-09"),
  fc.record({
    kind: fc.constant("names" as const),
    field: fc.constantFrom("tags" as const, "collection" as const),
    names,
  }),
  fc.record({
    kind: fc.constant("names" as const),
    field: fc.constant("performers" as const),
    names: people,
  }),
  fc.record({ kind: fc.constant("stars" as const), stars: fc.constantFrom(0, 3, 8) }),
  choice,
);

const ELEMENTS: Partial<Record<string, string>> = {
  performers: "actor",
  tags: "genre",
  date: "originallyAvailableAt",
  poster: "thumb",
  background: "art",
};

/** Does it, as Plex's own app asks for it. */
export async function editInPlex(rig: Rig, id: string, does: Personal): Promise<void> {
  switch (does.kind) {
    case "text": {
      const element = ELEMENTS[does.field] ?? does.field;
      const lock = `${element}.locked=${Number(does.lock)}`;
      return await edit(rig, `${element}.value=${does.value}&${lock}`, id);
    }
    case "names": {
      const element = ELEMENTS[does.field] ?? does.field;
      const parts = does.names.map(({ name, role }, at) =>
        `&${element}[${at}].tag.tag=${name}` +
        (role === undefined ? "" : `&${element}[${at}].tagging.text=${role}`)
      );
      return await edit(rig, `${element}[].tag=${parts.join("")}&${element}.locked=1`, id);
    }
    case "stars":
      return await edit(rig, `userRating.value=${does.stars}`, id);
    case "image": {
      const list = does.field === "poster" ? "posters" : "arts";
      const element = ELEMENTS[does.field]!;
      if (does.isTheirs) {
        await ask(rig, "POST", `/library/metadata/${id}/${list}`, theirImage(does.pick));
      } else {
        const { keys } = await rig.context.target.images({ id }, does.field);
        const key = [...keys][does.pick];
        if (key === undefined) return;
        const url = encodeURIComponent(key);
        await ask(rig, "PUT", `/library/metadata/${id}/${element}?url=${url}`);
      }
      if (does.lock) await edit(rig, `${element}.locked=1`, id);
    }
  }
}

/** Does it in a target of any kind. */
export async function editIn(target: Target, item: Item, does: Personal): Promise<void> {
  switch (does.kind) {
    case "text": {
      const locks = { lock: does.lock ? [does.field] : [], unlock: does.lock ? [] : [does.field] };
      await target.write(item, { ...NO_EDIT, text: { [does.field]: does.value }, ...locks });
      break;
    }
    case "names": {
      const want = [...does.names];
      const remove = item.values[does.field].filter((name) =>
        !want.some((each) => each.name === name)
      );
      await target.write(item, {
        ...NO_EDIT,
        names: { [does.field]: { want, remove } },
        lock: [does.field],
      });
      break;
    }
    case "stars":
      await target.write(item, { ...NO_EDIT, rating: does.stars === 0 ? null : does.stars });
      break;
    case "image": {
      const image = await imageOf(target, item, does);
      if (image === null) return;
      await target.show(item, does.field, image);
      if (does.lock) await target.write(item, { ...NO_EDIT, lock: [does.field] });
    }
  }
}

async function imageOf(
  target: Target,
  item: Item,
  { field, pick, isTheirs }: Extract<Personal, { kind: "image" }>,
): Promise<Image | null> {
  const bytes = theirImage(pick);
  const sent = { bytes, contentType: "image/png" };
  const digest = createHash("sha1").update(bytes).digest("hex");
  if (isTheirs) return { digest, bytes: () => Promise.resolve(sent) };
  const { keys } = await target.images(item, field);
  const key = [...keys][pick];
  return key === undefined ? null : { digest: "", key, bytes: () => Promise.resolve(sent) };
}

function theirImage(pick: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0x89, 0x50, 0x4e, 0x47, pick]);
}
