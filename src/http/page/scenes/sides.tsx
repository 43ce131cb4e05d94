import type { FC } from "hono/jsx";
import type { Explanation } from "../../../app/scenes/explain.ts";
import type { FieldSides, ItemFields } from "../../../app/scenes/scene_fields.ts";
import type { ScenePlan } from "../../../app/scenes/scene_plans.ts";
import type { Unanswered } from "../askers.ts";
import { ItemLink, type LinkOf } from "./near_files.tsx";
import { Head } from "../frame/table_head.tsx";
import type { View } from "../frame/view.ts";

export interface SidesProps {
  view: View;
  /** Of the scene. */
  id: string;
  /** What both servers say now, or why they did not; null where they were not asked. */
  asked: { explanations: Explanation[]; items: ItemFields[] } | Unanswered | null;
  linkOf: LinkOf;
}

/** The fields in Stash, in Plex and as they were last written, and what a sync would change. */
export const Sides: FC<SidesProps> = ({ view, id, asked, linkOf }) => (
  <section aria-labelledby="sides">
    <h2 id="sides">In Stash and in Plex</h2>
    {asked === null
      ? (
        <p>
          <a class="button quiet" href={`${view.base}/scenes/${id}?ask=1#sides`}>
            Ask both now
          </a>
        </p>
      )
      : "message" in asked
      ? (
        <div class="notice bad">
          <span class="private">{asked.message}</span>
          <p class="hint">{asked.hint}</p>
        </div>
      )
      : asked.explanations.map(({ target, because, plans }) => (
        <>
          <p class="private">{because}</p>
          {plans.map((plan) => (
            <Plan
              key={plan.rating_key}
              plan={plan}
              item={asked.items.find((each) =>
                each.item === plan.rating_key && (target ?? each.target) === each.target
              )}
              linkOf={linkOf}
            />
          ))}
        </>
      ))}
  </section>
);

interface PlanProps {
  plan: ScenePlan;
  /** undefined where it is not the scene's any more, or there is none. */
  item: ItemFields | undefined;
  linkOf: LinkOf;
}

const Plan: FC<PlanProps> = ({ plan, item, linkOf }) => {
  const changes = plan.changes.filter(({ field }) =>
    !item?.fields.some((each) => each.field === field)
  );
  return (
    <table>
      <caption>
        {plan.rating_key !== null && item !== undefined && (
          <>
            Item <ItemLink item={plan.rating_key} url={linkOf(item.target, plan.rating_key)} />:
            {" "}
          </>
        )}
        {OUTCOMES[plan.outcome]}
        {plan.reason !== null && <span class="private">: {plan.reason}</span>}
        {plan.left_out.length > 0 && (
          <span class="private">; not written: {plan.left_out.join("; ")}</span>
        )}
      </caption>
      <Head columns={["Field", "In Stash", "In Plex", "Last written", "A sync"]} />
      <tbody>
        {item?.fields.map((sides) => <Row key={sides.field} sides={sides} plan={plan} />)}
        {changes.map(({ field, from, to }) => (
          <tr key={field}>
            <td data-label="Field" class="word">{field}</td>
            <td data-label="In Stash"></td>
            <td data-label="In Plex" class="long private">{from}</td>
            <td data-label="Last written"></td>
            <td data-label="A sync" class="long private">writes {to}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const Row: FC<{ sides: FieldSides; plan: ScenePlan }> = (
  { sides: { field, stash, there, written }, plan },
) => (
  <tr>
    <td data-label="Field" class="word">{field}</td>
    <td data-label="In Stash" class={stash === null ? "faint" : "long private"}>
      {stash ?? "not synced"}
    </td>
    <td data-label="In Plex" class="long private">{there}</td>
    <td data-label="Last written" class={written === null ? "faint" : "long private"}>
      {written ?? "never"}
    </td>
    <td data-label="A sync" class="long private">{doesTo(field, stash, plan)}</td>
  </tr>
);

function doesTo(field: string, stash: string | null, plan: ScenePlan): string {
  const change = plan.changes.find((each) => each.field === field);
  if (change !== undefined) {
    const what = change.to === "" ? "clears it" : change.to === stash ? "writes it" : change.to;
    return plan.overwritten.includes(field) ? `${what}; what somebody set goes` : what;
  }
  if (plan.undone.includes(field)) return "leaves it: undone by you";
  if (plan.kept.includes(field)) return "leaves it: somebody changed it in Plex";
  return "";
}

const OUTCOMES: Readonly<Record<ScenePlan["outcome"], string>> = {
  change: "a sync would change it",
  equal: "nothing to change",
  skipped: "not synced",
  gone: "gone",
  waiting: "waits for its item",
  dead: "would be given up",
  failed: "could not be looked at",
};
