import { UserError } from "../../core/failures/errors.ts";
import { escapeLine } from "../../core/text/escape.ts";
import type { SecretInput } from "./standard_input.ts";

/** Questions to a person. */
export class Prompt {
  /** @param write To the terminal, which is not standard output: that is for results */
  constructor(
    private readonly input: SecretInput,
    private readonly write: (text: string) => void,
  ) {}

  /** A line that is no question. */
  say(text: string): void {
    this.write(`${escapeLine(text)}\n`);
  }

  /** @param preset What an empty answer means, shown with the question */
  ask(question: string, preset = ""): string {
    this.write(`${escapeLine(question)}${preset === "" ? "" : ` [${escapeLine(preset)}]`}: `);
    const answer = given(this.input.readLine()).trim();
    return answer === "" ? preset : answer;
  }

  /** The answer is not shown while it is typed. */
  secret(question: string): string {
    try {
      return given(this.input.readHidden(() => this.write(`${escapeLine(question)}: `))).trim();
    } finally {
      // The one that the person typed was not shown either.
      this.write("\n");
    }
  }

  yes(question: string, preset: boolean): boolean {
    for (;;) {
      const answer = this.ask(`${question} (${preset ? "Y/n" : "y/N"})`).toLowerCase();
      if (answer === "") return preset;
      if (["y", "yes"].includes(answer)) return true;
      if (["n", "no"].includes(answer)) return false;
      this.say("  Please answer y or n");
    }
  }
}

function given(answer: string | null): string {
  if (answer !== null) return answer;
  throw new UserError("Cannot go on: no answer came", "failed", "Nothing was written");
}
