/**
 * Tells why work rests when it begins to, and again when there is another reason for it.
 * @returns Takes what it rests for at each look; [] while it goes on
 */
export function restNews(tell: (problems: string[]) => void): (problems: string[]) => void {
  let said = "";
  return (problems) => {
    const text = problems.join("\n");
    if (text !== "" && text !== said) tell(problems);
    said = text;
  };
}
