/** Why a request is not carried out; becomes the answer `{"error": …, "hint": …}`. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  /** @param headers Further headers of the answer */
  constructor(
    /** 400..599 */
    readonly status: number,
    message: string,
    readonly hint: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}
