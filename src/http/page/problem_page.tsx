import type { FC } from "hono/jsx";
import { Layout } from "./frame/layout.tsx";
import type { View } from "./frame/view.ts";

interface ProblemProps {
  view: View;
  message: string;
  hint: string;
}

/** Why something was not done, and what to do about it. */
export const ProblemPage: FC<ProblemProps> = ({ view, message, hint }) => (
  <Layout view={view} title="That did not work" screen={view.csrf === "" ? null : ""}>
    <div class="card">
      <p class="notice bad" role="alert">
        <span class="private">{message}</span>
      </p>
      <p>{hint}</p>
      <p>
        <a href={`${view.base}/`}>To the overview</a>
      </p>
    </div>
  </Layout>
);
