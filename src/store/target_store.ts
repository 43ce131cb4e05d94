import { machineOf } from "../core/meta_keys.ts";
import { type Database, transaction } from "./database.ts";
import { ItemIndex } from "./item_index.ts";
import { Meta } from "./meta.ts";
import { Pins } from "./pins.ts";
import { WrittenValues } from "./written_values.ts";

/** What is known for one target alone: item ids of one mean nothing on another. */
export class TargetStore {
  readonly index: ItemIndex;
  readonly written: WrittenValues;
  readonly pins: Pins;

  /** @param target Its key */
  constructor(private readonly database: Database, readonly target: string) {
    this.index = new ItemIndex(database, target);
    this.written = new WrittenValues(database, target);
    this.pins = new Pins(database, target);
  }

  /** Forgets all of it: the server behind the address is another one. */
  forget(): void {
    transaction(this.database, () => {
      this.index.clear();
      this.written.clear();
      this.pins.clear();
      new Meta(this.database).remove(machineOf(this.target));
    });
  }
}
