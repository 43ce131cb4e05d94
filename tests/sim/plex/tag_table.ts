/** The server-wide table of tags. */
import { type SimRecord, type SimTag, type Tagging, type TagKind, tagsOf } from "./model.ts";
import { cutText } from "./cut_text.ts";
import type { SimPlexSwitches } from "./switches.ts";

export class TagTable {
  #byText = new Map<string, SimTag>();
  #byFold = new Map<string, SimTag>();
  #byId = new Map<number, SimTag>();
  #nextId = 1;

  constructor(private readonly switches: SimPlexSwitches) {}

  /** The row of that text, made if missing; `asGiven` keeps the case of a new one. */
  obtain(kind: TagKind, text: string, asGiven = false): SimTag {
    const tag = asGiven ? text : this.#respell(this.#spell(this.#trim(text)));
    const stored = this.find(kind, text) ?? this.find(kind, tag);
    if (stored !== undefined) return stored;
    const row: SimTag = { id: this.#nextId++, kind, tag, thumb: null, uses: 0 };
    this.#byText.set(`${kind}:${tag}`, row);
    const folded = `${kind}:${tag.toLowerCase()}`;
    if (!this.#byFold.has(folded)) this.#byFold.set(folded, row);
    this.#byId.set(row.id, row);
    return row;
  }

  /**
   * The row that this text means under the case rule in force. A name that was stored in
   * another spelling is found by that one only.
   */
  find(kind: TagKind, asked: string): SimTag | undefined {
    const text = this.#trim(asked);
    if (this.switches.tagCase === "fold") {
      return this.#byFold.get(`${kind}:${text.toLowerCase()}`);
    }
    return this.#byText.get(`${kind}:${text}`) ?? this.#byText.get(`${kind}:${this.#spell(text)}`);
  }

  byId(id: number): SimTag | undefined {
    return this.#byId.get(id);
  }

  /** Rows of a kind that at least one item has. */
  used(kind: TagKind): SimTag[] {
    return [...this.#byId.values()].filter((row) => row.kind === kind && row.uses > 0);
  }

  /** Replaces the tags of one kind on a record and keeps the use counts right. */
  assign(record: SimRecord, kind: TagKind, next: Tagging[]): void {
    for (const { tag } of tagsOf(record, kind)) tag.uses -= 1;
    for (const { tag } of next) tag.uses += 1;
    if (next.length === 0) delete record.tags[kind];
    else record.tags[kind] = next;
  }

  #trim(text: string): string {
    return cutText(this.switches, this.switches.trimTags ? text.trim() : text);
  }

  /** Where a server raises letters that have no capital of their own. */
  #respell(text: string): string {
    const sharp = this.switches.respellSharpS ? text.replaceAll("ß", "SS") : text;
    return this.switches.respellDotlessI ? sharp.replaceAll("ı", "I") : sharp;
  }

  /** `.hidden` becomes `.Hidden`: the first letter, not the first character. */
  #spell(text: string): string {
    return this.switches.capitalizeTags
      ? text.replace(/\p{L}/u, (letter) => letter.toUpperCase())
      : text;
  }
}
